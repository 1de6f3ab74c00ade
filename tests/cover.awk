# What gcovr wrote, in few lines: the files that are least covered, then each
# folder and all of it.  A name too long for its column stands on a line alone.
$1 ~ /^(core|gitops|plans)\/.*\.[ch]$/ {
	name = $1
}

$1 == name && NF > 1 {
	take($2, $3)
}

$1 != name && name != "" && $1 ~ /^[0-9]+$/ {
	take($1, $2)
}

function take(n, of_them)
{
	folder = name
	sub(/\/.*/, "", folder)
	lines[folder] += n
	hit[folder] += of_them
	lines["together"] += n
	hit["together"] += of_them
	if (of_them < 0.85 * n)
		printf "below 85 %%: %-24s %3d of %3d lines\n", name, of_them, n
	name = ""
}

END {
	split("core gitops plans together", order, " ")
	for (i = 1; i <= 4; i++) {
		folder = order[i]
		if (!lines[folder])
			exit 1
		printf "%-9s %5.1f %%  %5d of %5d lines\n", folder,
		    100 * hit[folder] / lines[folder], hit[folder],
		    lines[folder]
	}
}
