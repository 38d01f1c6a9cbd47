//! `/`: what there is to click, as one page without any asset.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::Html;

use super::error::ApiError;
use super::state::State as App;
use crate::model::{CourseSummary, PageRequest, StudentSummary};

const HEAD: &str = "<!doctype html>
<html lang=\"en\"><head><meta charset=\"utf-8\"><title>LMS</title>
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
       color: #1c2733; background: #fff }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #dde3ea }
td.number, th.number { text-align: right }
code { background: #f1f4f7; padding: .1rem .3rem; border-radius: .2rem }
a { color: #0b57a4 }
@media (prefers-color-scheme: dark) {
  body { color: #e3e8ee; background: #14191f } a { color: #7fb8f0 }
  code { background: #222a33 } td, th { border-color: #2d3742 }
}
</style></head><body>
<h1>Learning management</h1>
<p>Every link answers in JSON. The first visit asks Postgres, the next one the cache.</p>
<ul>
<li><a href=\"/api/courses\">/api/courses</a>, also <a href=\"/api/courses?search=2014\">?search=2014</a>
 and <a href=\"/api/courses?page=2&amp;per_page=5\">?page=2&amp;per_page=5</a></li>
<li><a href=\"/api/students\">/api/students</a></li>
<li><a href=\"/api/cache\">/api/cache</a>: what the cache has done so far</li>
<li>rename a course: <code>curl -X PUT -H 'content-type: application/json'
 -d '{\"title\": \"A new title\"}' <i>this host</i>/api/courses/<i>id</i></code></li>
</ul>\n";

/// `GET /`.
pub(super) async fn page(State(app): State<App>) -> Result<Html<String>, ApiError> {
    let courses = app.courses.active().await?;
    let first = PageRequest { page: 1, per_page: 20, search: String::new() };
    let students = app.students.list(&first).await?;
    let mut html = HEAD.to_owned();
    // Writing into a String does not fail.
    let _ = write_courses(&mut html, &courses);
    let _ = write_students(&mut html, &students.items, students.total);
    html.push_str("</body></html>\n");
    Ok(Html(html))
}

fn write_courses(html: &mut String, courses: &[CourseSummary]) -> std::fmt::Result {
    html.push_str("<h2>Courses</h2>\n<table><tr><th>Course<th>Title<th>Teacher<th class=\"number\">Students</tr>\n");
    for course in courses {
        writeln!(
            html,
            "<tr><td>{code} {presentation}<td><a href=\"/api/courses/{id}\">{title}</a>\
             <td>{teacher}<td class=\"number\">{students}</tr>",
            code = escape(&course.code),
            presentation = escape(&course.presentation),
            id = course.id,
            title = escape(&course.title),
            teacher = escape(&course.teacher_name),
            students = course.students,
        )?;
    }
    html.push_str("</table>\n");
    Ok(())
}

fn write_students(html: &mut String, students: &[StudentSummary], total: i64) -> std::fmt::Result {
    writeln!(html, "<h2>Students</h2>\n<p>The first {} of {total}.</p>\n<ul>", students.len())?;
    for student in students {
        writeln!(
            html,
            "<li><a href=\"/api/students/{id}/dashboard\">{name}</a>, {courses} course{s}</li>",
            id = student.id,
            name = escape(&student.name),
            courses = student.courses,
            s = if student.courses == 1 { "" } else { "s" },
        )?;
    }
    html.push_str("</ul>\n");
    Ok(())
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
