//! The arithmetic of the chart: where a day and a count lie.

use crate::number::tenths;

/// The drawing area.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The highest count of the axis.
    pub(crate) top: i64,
    /// How many days.
    pub(crate) count: usize,
}

impl Frame {
    /// Room for the numbers of the axis.
    pub(crate) const LEFT: f64 = 40.0;
    const RIGHT: f64 = 24.0;
    const ABOVE: f64 = 10.0;
    const BELOW: f64 = 28.0;
    /// Room for one date below the axis.
    const LABEL: f64 = 84.0;

    /// Where the plot ends.
    pub(crate) fn right(&self) -> f64 {
        self.width - Self::RIGHT
    }

    fn step(&self) -> f64 {
        (self.right() - Self::LEFT) / self.count.saturating_sub(1).max(1) as f64
    }

    /// The place of a day; a single day stands in the middle.
    pub(crate) fn x(&self, day: usize) -> f64 {
        if self.count <= 1 {
            f64::midpoint(Self::LEFT, self.right())
        } else {
            Self::LEFT + day as f64 * self.step()
        }
    }

    /// The place of the last day.
    pub(crate) fn right_point(&self) -> f64 {
        self.x(self.count.saturating_sub(1))
    }

    /// The height of a count.
    pub(crate) fn y(&self, count: i64) -> f64 {
        let room = self.height - Self::ABOVE - Self::BELOW;
        self.height - Self::BELOW - count as f64 / self.top.max(1) as f64 * room
    }

    /// The points of a line.
    pub(crate) fn line(&self, counts: impl Iterator<Item = i64>) -> String {
        let points: Vec<String> = counts
            .enumerate()
            .map(|(day, count)| format!("{},{}", tenths(self.x(day)), tenths(self.y(count))))
            .collect();
        points.join(" ")
    }

    /// The day nearest to a place.
    pub(crate) fn nearest(&self, x: f64) -> Option<usize> {
        let last = self.count.checked_sub(1)?;
        let day = ((x - Self::LEFT) / self.step()).round().max(0.0) as usize;
        Some(if self.count == 1 { 0 } else { day.min(last) })
    }

    /// The days that carry a date: as many as fit, evenly spread, the last one included.
    pub(crate) fn labelled(&self) -> impl Iterator<Item = usize> + use<> {
        let fit = (((self.right() - Self::LEFT) / Self::LABEL) as usize).max(1);
        let every = self.count.div_ceil(fit).max(1);
        let count = self.count;
        (0..count).filter(move |day| (count - 1 - day).is_multiple_of(every))
    }
}

/// Step and end of an axis that holds `highest`: 1, 2 or 5 times a power of ten, at most five steps.
pub(crate) fn ticks(highest: i64) -> (i64, i64) {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = factor * power;
            if step * 5 >= highest.max(1) {
                let steps = (highest.max(1) + step - 1) / step;
                return (step, step * steps);
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!(ticks(0), (1, 1));
        assert_eq!(ticks(4), (1, 4));
        assert_eq!(ticks(52), (20, 60));
        assert_eq!(ticks(1065), (500, 1500));
    }

    #[test]
    fn a_pointer_finds_its_day() {
        let frame = Frame {
            width: 452.0,
            height: 260.0,
            top: 10,
            count: 5,
        };
        assert_eq!(frame.nearest(frame.x(3) + 4.0), Some(3));
        assert_eq!(frame.nearest(-10.0), Some(0));
        assert_eq!(frame.nearest(9_999.0), Some(4));
        assert_eq!(Frame { count: 0, ..frame }.nearest(1.0), None);
        assert_eq!(frame.labelled().last(), Some(4));
    }
}
