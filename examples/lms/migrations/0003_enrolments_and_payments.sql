-- Who takes what, and what was paid for it.

CREATE TYPE enrolment_result AS ENUM ('pass', 'distinction', 'fail', 'withdrawn');
CREATE TYPE payment_status AS ENUM ('pending', 'paid', 'failed', 'refunded');
CREATE TYPE payment_method AS ENUM ('card', 'bank_transfer', 'direct_debit');

CREATE TABLE enrolments (
    id                uuid PRIMARY KEY,
    course_id         uuid NOT NULL REFERENCES courses (id),
    student_id        uuid NOT NULL,
    student_role      user_role NOT NULL GENERATED ALWAYS AS ('student'::user_role) STORED,
    registered_day    integer,
    unregistered_day  integer,
    age_band          text NOT NULL CHECK (age_band <> ''),
    previous_attempts integer NOT NULL CHECK (previous_attempts >= 0),
    credits           integer NOT NULL CHECK (credits > 0),
    result            enrolment_result,
    UNIQUE (student_id, course_id),
    FOREIGN KEY (student_id, student_role) REFERENCES users (id, role),
    CHECK (unregistered_day >= registered_day)
);

CREATE INDEX enrolments_by_course ON enrolments (course_id);
COMMENT ON COLUMN enrolments.registered_day IS 'Days from the start of the course; before it, negative.';

CREATE TABLE payments (
    id           uuid PRIMARY KEY,
    enrolment_id uuid NOT NULL REFERENCES enrolments (id),
    instalment   integer NOT NULL CHECK (instalment >= 1),
    amount_pence bigint NOT NULL CHECK (amount_pence > 0),
    method       payment_method NOT NULL,
    status       payment_status NOT NULL,
    due_on       date NOT NULL,
    paid_on      date,
    UNIQUE (enrolment_id, instalment),
    CHECK ((paid_on IS NOT NULL) = (status IN ('paid', 'refunded')))
);

CREATE INDEX payments_open ON payments (due_on) WHERE status IN ('pending', 'failed');
