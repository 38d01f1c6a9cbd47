-- What people do here themselves: log in, write about themselves, grade work.

ALTER TABLE users ADD COLUMN about text NOT NULL DEFAULT '' CHECK (char_length(about) <= 2000);

-- Only a digest of the token is kept: who reads this table can log in as nobody.
CREATE TABLE sessions (
    token_digest bytea PRIMARY KEY CHECK (octet_length(token_digest) = 32),
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf         text NOT NULL CHECK (csrf <> ''),
    expires_at   timestamptz NOT NULL
);

CREATE TABLE grades (
    assessment_id uuid NOT NULL REFERENCES assessments (id) ON DELETE CASCADE,
    student_id    uuid NOT NULL,
    student_role  user_role NOT NULL GENERATED ALWAYS AS ('student'::user_role) STORED,
    score         integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    graded_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (assessment_id, student_id),
    FOREIGN KEY (student_id, student_role) REFERENCES users (id, role)
);

CREATE INDEX grades_by_student ON grades (student_id);
COMMENT ON COLUMN grades.score IS 'Percent of what can be reached.';
