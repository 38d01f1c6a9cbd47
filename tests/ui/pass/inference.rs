//! `?`, `return`, coercions and diverging bodies infer as they do without the attribute.

use cached_core::{cached, invalidates};

#[derive(Debug)]
struct Wide;

impl From<std::num::ParseIntError> for Wide {
    fn from(_: std::num::ParseIntError) -> Self {
        Self
    }
}

#[cached]
async fn question_mark(text: &str) -> Result<Vec<u32>, Wide> {
    if text.is_empty() {
        return Ok(Default::default());
    }
    let mut numbers = Vec::new();
    for part in text.split(',') {
        numbers.push(part.parse()?);
    }
    Ok(numbers.into_iter().collect())
}

#[cached]
async fn collects() -> Vec<u32> {
    (0..3).collect()
}

#[cached]
#[allow(unreachable_code)]
async fn diverges(fail: bool) -> Result<u32, Wide> {
    if fail {
        return Err(Wide);
    }
    panic!("not asked for")
}

#[invalidates(collects())]
async fn unit(stop: bool) {
    if stop {
        return;
    }
    let _ = stop;
}

#[invalidates(collects())]
async fn object(text: bool) -> Box<dyn std::fmt::Debug + Send> {
    if text {
        return Box::new("a");
    }
    Box::new(1)
}

#[invalidates(collects())]
async fn dynamic(text: &str) -> Result<Box<dyn Fn() -> u32>, Box<dyn std::error::Error>> {
    let number: u32 = text.parse()?;
    Ok(Box::new(move || number))
}

#[invalidates(collects())]
async fn borrows<'a>(text: &'a str, _other: &str) -> &'a str {
    &text[..1]
}

pub(crate) async fn run() {
    assert_eq!(question_mark("1,2").await.unwrap(), [1, 2]);
    question_mark("x").await.unwrap_err();
    assert_eq!(collects().await.len(), 3);
    diverges(true).await.unwrap_err();
    unit(true).await;
    assert_eq!(format!("{:?}", object(true).await), "\"a\"");
    assert_eq!(dynamic("3").await.unwrap()(), 3);
    assert_eq!(borrows("ab", "").await, "a");
}
