//! A small data set in a temporary folder, and a database to load it into.

use std::path::{Path, PathBuf};

use cached_testkit::shared_postgres;
use lms::load::{self, LoadError};
use lms::repository::{self, Counts};
use sqlx::PgPool;
use tempfile::TempDir;

const COURSES: &str = "\
code_module,code_presentation,module_presentation_length
AAA,2013J,268
BBB,2014B,240
";

const STUDENT_INFO: &str = "\
code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,num_of_prev_attempts,studied_credits,disability,final_result
AAA,2013J,11391,M,East Anglian Region,HE Qualification,90-100%,55<=,0,240,N,Pass
AAA,2013J,28400,F,\"Scotland, North\",Lower Than A Level,?,0-35,0,60,Y,Withdrawn
BBB,2014B,11391,M,East Anglian Region,HE Qualification,90-100%,55<=,1,60,N,Fail
";

const STUDENT_REGISTRATION: &str = "\
code_module,code_presentation,id_student,date_registration,date_unregistration
AAA,2013J,11391,-159,?
AAA,2013J,28400,?,12
BBB,2014B,11391,-53,?
";

const VLE: &str = "\
id_site,code_module,code_presentation,activity_type,week_from,week_to
546943,AAA,2013J,resource,?,?
546712,AAA,2013J,oucontent,1,2
";

const ASSESSMENTS: &str = "\
code_module,code_presentation,id_assessment,assessment_type,date,weight
AAA,2013J,1752,TMA,19,12.5
BBB,2014B,1753,Exam,?,100
";

/// Every table of the schema, so that "nothing was loaded" means nothing anywhere.
pub(crate) const TABLES: [&str; 7] =
    ["users", "student_profiles", "courses", "materials", "assessments", "enrolments", "payments"];

/// Two courses, two students, three enrolments.
pub(crate) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let files = [
            ("courses.csv", COURSES),
            ("studentInfo.csv", STUDENT_INFO),
            ("studentRegistration.csv", STUDENT_REGISTRATION),
            ("vle.csv", VLE),
            ("assessments.csv", ASSESSMENTS),
        ];
        for (name, content) in files {
            fixture.write(name, content);
        }
        fixture
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a table of the fixture")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a writable folder");
    }

    /// Replaces a text that must be there once.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let content = self.read(name);
        assert_eq!(content.matches(from).count(), 1, "`{from}` once in {name}");
        self.write(name, content.replace(from, to));
    }
}

/// An empty database with the schema.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) pool: PgPool,
}

impl Database {
    pub(crate) async fn new() -> Self {
        let url = shared_postgres().fresh_database();
        let pool = repository::connect(&url).await.expect("a connection");
        repository::migrate(&pool).await.expect("migrations that run");
        Self { url, pool }
    }

    pub(crate) async fn load(&self, fixture: &Fixture) -> Result<Counts, LoadError> {
        load::folder(&self.pool, fixture.folder()).await
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("a number")
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("a text")
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::raw_sql(sql).execute(&self.pool).await.expect("SQL that runs");
    }

    /// A digest of every row of every table.
    pub(crate) async fn digest(&self) -> String {
        let mut digests = Vec::new();
        for table in TABLES {
            let sql = format!(
                "SELECT coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM {table} t"
            );
            digests.push(self.text(&sql).await);
        }
        digests.join(" ")
    }

    pub(crate) async fn assert_empty(&self) {
        for table in TABLES {
            assert_eq!(self.count(table).await, 0, "rows in {table}");
        }
    }
}
