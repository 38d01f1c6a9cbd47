-- What a course is made of. Days count from its start; null where the source does not say.

CREATE TYPE assessment_kind AS ENUM ('tma', 'cma', 'exam');

CREATE TABLE materials (
    id            uuid PRIMARY KEY,
    course_id     uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
    oulad_id      bigint UNIQUE CHECK (oulad_id > 0),
    activity_type text NOT NULL CHECK (activity_type <> ''),
    week_from     integer,
    week_to       integer,
    CHECK (week_from <= week_to)
);

CREATE INDEX materials_by_course ON materials (course_id, week_from, id);

CREATE TABLE assessments (
    id        uuid PRIMARY KEY,
    course_id uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
    oulad_id  bigint UNIQUE CHECK (oulad_id > 0),
    kind      assessment_kind NOT NULL,
    due_day   integer,
    weight    numeric(5, 2) NOT NULL CHECK (weight BETWEEN 0 AND 100)
);

CREATE INDEX assessments_by_course ON assessments (course_id, due_day, id);
COMMENT ON TYPE assessment_kind IS 'Tutor-marked, computer-marked, final exam.';
