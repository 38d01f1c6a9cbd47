//! A headless Chromium with a fresh profile, and what a person does with it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use cached_testkit::eventually;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Ends with the test, its profile too.
pub(crate) struct Browser {
    pub(crate) client: Client,
    base: String,
    _driver: Driver,
    _profile: TempDir,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // The driver takes its browser with it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Driver {
    fn start() -> (Self, u16) {
        let child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut driver = Self(child.expect(
            "chromedriver: install Debian's packages chromium and chromium-driver, or let `cargo xtask test` do it",
        ));
        let output = BufReader::new(driver.0.stdout.take().expect("its output"));
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.rsplit_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        (driver, port.expect("a port"))
    }
}

/// A window of usual size.
pub(crate) async fn open(base: &str) -> Browser {
    Browser::start(base, json!({})).await
}

/// A telephone's window.
pub(crate) async fn open_narrow(base: &str) -> Browser {
    let metrics = json!({ "width": 360, "height": 740, "pixelRatio": 1.0 });
    Browser::start(base, json!({ "mobileEmulation": { "deviceMetrics": metrics } })).await
}

impl Browser {
    async fn start(base: &str, mut options: Value) -> Self {
        let (driver, port) = Driver::start();
        let profile = tempfile::tempdir().expect("a temporary folder");
        options["args"] = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let Value::Object(capabilities) = json!({ "goog:chromeOptions": options }) else {
            unreachable!("an object was written");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Self { client, base: base.to_owned(), _driver: driver, _profile: profile }
    }

    /// Opens a page of the application.
    pub(crate) async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("a page");
    }

    /// Where the browser is.
    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    /// What can be read on the page.
    pub(crate) async fn text(&self) -> String {
        self.text_of("body").await
    }

    pub(crate) async fn text_of(&self, css: &str) -> String {
        let found = self.client.find(Locator::Css(css)).await;
        let element = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        element.text().await.expect("a text")
    }

    /// Opens a page and makes sure that it shows a text.
    pub(crate) async fn sees(&self, path: &str, expected: &str) {
        self.goto(path).await;
        self.shows(expected).await;
    }

    pub(crate) async fn shows(&self, expected: &str) {
        let text = self.text().await;
        assert!(text.contains(expected), "{expected:?} on {}: {text}", self.path().await);
    }

    pub(crate) async fn sees_not(&self, path: &str, unexpected: &str) {
        self.goto(path).await;
        let text = self.text().await;
        assert!(!text.contains(unexpected), "{unexpected:?} on {path}: {text}");
    }

    pub(crate) async fn click(&self, css: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        let element = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Does something that leads to another page, and waits for that page.
    pub(crate) async fn through(&self, leaving: impl Future<Output = ()>) {
        self.run("window.left = false", vec![]).await;
        leaving.await;
        let script = "return window.left === undefined && document.readyState === 'complete'";
        // While one page goes and the next one comes, there is nothing to run a script in.
        eventually("another page", async || {
            self.client.execute(script, vec![]).await.is_ok_and(|arrived| arrived == true)
        })
        .await;
    }

    /// Presses the button or follows the link of that name, and waits for what comes.
    pub(crate) async fn press(&self, name: &str) {
        let path = format!("//main//*[self::button or self::a][normalize-space()='{name}']");
        let found = self.client.find(Locator::XPath(&path)).await;
        let element = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        let click = async {
            element.click().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        };
        self.through(click).await;
    }

    /// Puts a value into a field, as a person's browser would have it after typing.
    pub(crate) async fn fill(&self, field: &str, value: &str) {
        let script = "document.getElementById(arguments[0]).value = arguments[1]";
        self.run(script, vec![field.into(), value.into()]).await;
    }

    pub(crate) async fn value(&self, field: &str) -> String {
        let script = "return document.getElementById(arguments[0]).value";
        self.run(script, vec![field.into()]).await.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("a script that runs")
    }

    /// Presses keys where the keyboard is.
    pub(crate) async fn type_in(&self, keys: &str) {
        let element = self.client.active_element().await.expect("something");
        element.send_keys(keys).await.expect("keys");
    }

    /// Presses Enter where that leads to another page.
    pub(crate) async fn enter(&self) {
        self.through(self.type_in("\u{e007}")).await;
    }

    /// Logs out, if anybody is in, and in as the busiest of a role.
    pub(crate) async fn log_in_as(&self, role: &str) {
        self.client.delete_all_cookies().await.expect("no cookies");
        self.goto("/login").await;
        self.through(self.click(&format!("#as-{role}"))).await;
    }

    /// The same with an address.
    pub(crate) async fn log_in(&self, email: &str) {
        self.client.delete_all_cookies().await.expect("no cookies");
        self.goto("/login").await;
        self.fill("email", email).await;
        self.press("Log in").await;
    }

    /// The addresses that the page's navigation leads to.
    pub(crate) async fn navigation(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('header nav a, main a')]
            .map(link => link.getAttribute('href'))";
        let links = self.run(script, vec![]).await;
        let links = links.as_array().cloned().unwrap_or_default();
        links.iter().filter_map(|link| link.as_str().map(str::to_owned)).collect()
    }

    /// A picture of the page, kept beside what the build makes.
    pub(crate) async fn picture(&self, name: &str) {
        // While a page is exchanged for another there is none to be taken.
        const TRIES: usize = 5;
        let mut last = None;
        for _ in 0..TRIES {
            match self.client.screenshot().await {
                Ok(png) => return keep(name, &png),
                Err(error) => last = Some(error),
            }
        }
        panic!("no picture of {name}: {last:?}");
    }

    /// A picture of one element, all of it.
    pub(crate) async fn picture_of(&self, name: &str, css: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        let element = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        keep(name, &element.screenshot().await.expect("a picture"));
    }

    pub(crate) async fn close(self) {
        self.client.clone().close().await.expect("an end");
    }
}

fn keep(name: &str, png: &[u8]) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(format!("{name}.png")), png).expect("a file");
}
