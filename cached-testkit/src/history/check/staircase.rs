//! One question, answered in logarithmic time: of all points before a moment, which is the highest?

/// Points of a moment, a height and the operation that they stand for.
#[derive(Debug, Default)]
pub(super) struct Staircase {
    points: Vec<Point>,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    moment: u64,
    height: u64,
    operation: usize,
}

impl Staircase {
    pub(super) fn add(&mut self, moment: u64, height: u64, operation: usize) {
        self.points.push(Point { moment, height, operation });
    }

    /// To be called once, after all points are added.
    pub(super) fn build(&mut self) {
        self.points.sort_by_key(|point| point.moment);
        let mut highest: Option<Point> = None;
        for point in &mut self.points {
            match highest {
                Some(before) if before.height >= point.height => {
                    point.height = before.height;
                    point.operation = before.operation;
                }
                _ => highest = Some(*point),
            }
        }
    }

    /// Height and operation of the highest point whose moment is before this one.
    pub(super) fn highest_before(&self, moment: u64) -> Option<(u64, usize)> {
        let end = self.points.partition_point(|point| point.moment < moment);
        let point = self.points.get(end.checked_sub(1)?)?;
        Some((point.height, point.operation))
    }
}

#[cfg(test)]
mod tests {
    use super::Staircase;

    #[test]
    fn the_highest_of_those_before() {
        let mut stairs = Staircase::default();
        for (moment, height, operation) in [(30, 1, 3), (10, 5, 1), (20, 9, 2), (40, 9, 4)] {
            stairs.add(moment, height, operation);
        }
        stairs.build();
        assert_eq!(stairs.highest_before(10), None);
        assert_eq!(stairs.highest_before(11), Some((5, 1)));
        assert_eq!(stairs.highest_before(30), Some((9, 2)));
        assert_eq!(stairs.highest_before(u64::MAX), Some((9, 2)));
    }
}
