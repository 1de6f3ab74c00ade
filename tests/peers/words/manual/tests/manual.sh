# What the command says of itself is in the manual.
./words -h | sed 's/usage: //' | grep -qF -f - MANUAL.md
