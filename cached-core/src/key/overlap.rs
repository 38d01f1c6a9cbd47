//! Whether two templates, or a template and what was rendered, can name one key. For people who look at the whole; no
//! key is looked up by it.

/// What a template's or a pattern's text may become, character by character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline(Vec<Step>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    One(Class),
    /// Any number, zero too.
    Many(Class),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Byte(u8),
    /// What a rendered part can hold: it never holds the separator.
    InPart,
    Any,
}

impl Class {
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Byte(a), Self::Byte(b)) => a == b,
            (Self::Byte(b':'), Self::InPart) | (Self::InPart, Self::Byte(b':')) => false,
            _ => true,
        }
    }
}

impl Outline {
    /// Of a template: `course:<id>`, `dashboard:*`.
    pub(crate) fn of_template(template: &str) -> Self {
        let mut steps = Vec::new();
        let mut rest = template.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'<' => {
                    rest.by_ref().find(|byte| *byte == b'>');
                    steps.extend([Step::One(Class::InPart), Step::Many(Class::InPart)]);
                }
                b'*' => steps.push(Step::Many(Class::Any)),
                b'?' => steps.push(Step::One(Class::Any)),
                byte => steps.push(Step::One(Class::Byte(byte))),
            }
        }
        Self(steps)
    }

    /// Of a rendered key or tag. One that ends in a digest may have been anything that begins as it does.
    pub(crate) fn of_key(key: &str) -> Self {
        let lead = key.find('~').unwrap_or(key.len());
        let mut steps: Vec<Step> =
            key.bytes().take(lead).map(|b| Step::One(Class::Byte(b))).collect();
        if lead < key.len() {
            steps.push(Step::Many(Class::Any));
        }
        Self(steps)
    }

    /// Of a rendered pattern.
    pub(crate) fn of_pattern(pattern: &str) -> Self {
        let mut steps = Vec::new();
        let mut rest = pattern.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'*' => steps.push(Step::Many(Class::Any)),
                b'?' => steps.push(Step::One(Class::Any)),
                b'[' => {
                    rest.by_ref().find(|byte| *byte == b']');
                    steps.push(Step::One(Class::Any));
                }
                b'\\' => steps.extend(rest.next().map(|byte| Step::One(Class::Byte(byte)))),
                byte => steps.push(Step::One(Class::Byte(byte))),
            }
        }
        Self(steps)
    }

    /// Whether some text is both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        let width = b.len() + 1;
        let mut seen = vec![false; (a.len() + 1) * width];
        let mut open = vec![(0, 0)];
        while let Some((i, j)) = open.pop() {
            if (i, j) == (a.len(), b.len()) {
                return true;
            }
            if std::mem::replace(&mut seen[i * width + j], true) {
                continue;
            }
            let (left, right) = (a.get(i).copied(), b.get(j).copied());
            if let Some(Step::Many(_)) = left {
                open.push((i + 1, j));
            }
            if let Some(Step::Many(_)) = right {
                open.push((i, j + 1));
            }
            let (Some((left, on_left)), Some((right, on_right))) =
                (left.map(taken), right.map(taken))
            else {
                continue;
            };
            if left.meets(right) {
                open.push((i + on_left, j + on_right));
            }
        }
        false
    }
}

/// The class of the next character, and how far taking it moves on.
fn taken(step: Step) -> (Class, usize) {
    match step {
        Step::One(class) => (class, 1),
        Step::Many(class) => (class, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_meet_where_one_key_can_be_both() {
        let meet = |a, b| Outline::of_template(a).meets(&Outline::of_template(b));
        for (a, b) in [
            ("course:<id>", "course:<course_id>"),
            ("course:<id>", "course:*"),
            ("dashboard:<role>:<id>", "dashboard:*"),
            ("dashboard:<role>:<id>", "dashboard:student:<user.id>"),
            ("courses:active", "courses:?ctive"),
            ("<tenant>:course:<id>", "*:course:*"),
            ("a<x>b", "ab<y>"),
        ] {
            assert!(meet(a, b) && meet(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("course:<id>", "courses:<id>"),
            ("course:<id>", "course:<id>:<page>"),
            ("course:<id>", "course:"),
            ("dashboard:<role>", "dashboards:*"),
            ("courses:active", "courses:all"),
            ("a<x>b", "a*c"),
        ] {
            assert!(!meet(a, b) && !meet(b, a), "{a} {b}");
        }
    }

    #[test]
    fn what_was_rendered_meets_its_template() {
        let template = Outline::of_template("report:<text>:<page>");
        assert!(template.meets(&Outline::of_key("report:a%3Ab:7")));
        assert!(template.meets(&Outline::of_key("report:~0123456789abcdef0123456789abcdef")));
        assert!(!template.meets(&Outline::of_key("report:7")));
        assert!(template.meets(&Outline::of_pattern("report:[ab]?:*")));
        assert!(!template.meets(&Outline::of_pattern("report\\:*:x:y")));
    }
}
