-- People and what they can enrol in. Ids are chosen by the application: an import derives them
-- from the natural keys of its source, so that importing twice changes nothing.

CREATE TYPE user_role AS ENUM ('student', 'teacher', 'admin');
CREATE TYPE course_status AS ENUM ('draft', 'active', 'archived');

CREATE TABLE users (
    id         uuid PRIMARY KEY,
    role       user_role NOT NULL,
    name       text NOT NULL CHECK (name = btrim(name) AND name <> ''),
    email      text NOT NULL UNIQUE CHECK (email LIKE '_%@_%'),
    oulad_id   bigint UNIQUE CHECK (oulad_id > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- The target of the foreign keys that ask for a role.
    UNIQUE (id, role),
    CHECK (oulad_id IS NULL OR role = 'student')
);

CREATE INDEX users_by_role_and_name ON users (role, name, id);

CREATE TABLE student_profiles (
    user_id    uuid PRIMARY KEY,
    user_role  user_role NOT NULL GENERATED ALWAYS AS ('student'::user_role) STORED,
    gender     text NOT NULL CHECK (gender IN ('M', 'F')),
    region     text NOT NULL CHECK (region <> ''),
    education  text NOT NULL CHECK (education <> ''),
    imd_band   text CHECK (imd_band <> ''),
    disability boolean NOT NULL,
    FOREIGN KEY (user_id, user_role) REFERENCES users (id, role) ON DELETE CASCADE
);

COMMENT ON COLUMN student_profiles.imd_band IS
    'Index of multiple deprivation of the place where the student lived; null where it is unknown.';

CREATE TABLE courses (
    id           uuid PRIMARY KEY,
    code         text NOT NULL CHECK (code <> ''),
    presentation text NOT NULL CHECK (presentation <> ''),
    title        text NOT NULL CHECK (title = btrim(title) AND char_length(title) BETWEEN 1 AND 200),
    status       course_status NOT NULL DEFAULT 'active',
    starts_on    date NOT NULL,
    length_days  integer NOT NULL CHECK (length_days BETWEEN 1 AND 3660),
    teacher_id   uuid NOT NULL,
    teacher_role user_role NOT NULL GENERATED ALWAYS AS ('teacher'::user_role) STORED,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (code, presentation),
    FOREIGN KEY (teacher_id, teacher_role) REFERENCES users (id, role)
);

CREATE INDEX courses_by_teacher ON courses (teacher_id);
CREATE INDEX courses_by_status ON courses (status, code, presentation);
