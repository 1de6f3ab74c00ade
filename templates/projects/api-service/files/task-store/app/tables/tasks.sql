CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    title TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
);
CREATE INDEX IF NOT EXISTS tasks_of_owner ON tasks (owner, id);
