//! Geometry of the density along a corridor: the corridor runs from top to bottom, so that it fits a phone, with its stops at the left.

use crate::geo::Stop;
use crate::services::patterns::BinTold;

/// A stop or a number beside the drawing.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Its place.
    pub at: i32,
    /// Its words.
    pub text: String,
}

/// A drawn density.
#[derive(Debug, Clone)]
pub struct DensityChart {
    /// Width of the drawing.
    pub width: i32,
    /// Height of the drawing.
    pub height: i32,
    /// Where the plot begins at the left.
    pub left: i32,
    /// Upper end of the plot.
    pub top: i32,
    /// Lower end of the plot.
    pub bottom: i32,
    /// The outline of the area, as the `d` of a path.
    pub area: String,
    /// Stops, from top to bottom; those without room for their name are left out.
    pub stops: Vec<Mark>,
    /// Values, from left to right.
    pub ticks: Vec<Mark>,
}

const WIDTH: i32 = 320;
const LEFT: i32 = 132;
const RIGHT: i32 = 16;
const TOP: i32 = 24;
const BOTTOM: i32 = 12;
/// Between the base lines of two names.
const LINE: i32 = 16;
/// More letters than this do not fit beside the plot.
const LETTERS: usize = 17;

/// The whole number nearest to a place in a drawing.
#[expect(clippy::cast_possible_truncation, reason = "places in a drawing of some hundred units")]
fn place(value: f64) -> i32 {
    value.clamp(-1e6, 1e6).round() as i32
}

/// The least of 1, 2 and 5 times a power of ten that is not below a number.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.max(1e-6).log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|step| step * power).into_iter().find(|step| *step >= value * (1.0 - 1e-9)).unwrap_or(value)
}

fn short(name: &str) -> String {
    if name.chars().count() <= LETTERS { name.to_owned() } else { name.chars().take(LETTERS - 1).chain(['…']).collect() }
}

/// Lays out the bins of a corridor of some length, in events per 100 km. Nothing to draw without a bin that holds anything.
#[must_use]
pub fn density_chart(bins: &[BinTold], stops: &[Stop], length_km: f64) -> Option<DensityChart> {
    let most = bins.iter().map(|bin| bin.per_km * 100.0).fold(0.0, f64::max);
    if !(most > 0.0 && length_km > 0.0) {
        return None;
    }
    let top_value = round_up(most);
    let plot = (length_km * 0.6).clamp(260.0, 900.0);
    let y = |km: f64| TOP + place(km / length_km * plot);
    let x = |per_km: f64| f64::from(LEFT) + per_km * 100.0 / top_value * f64::from(WIDTH - LEFT - RIGHT);
    let mut area = format!("M{LEFT} {TOP}");
    for bin in bins {
        area.push_str(&format!("L{x:.1} {}L{x:.1} {}", y(bin.from_km), y(bin.to_km), x = x(bin.per_km)));
    }
    area.push_str(&format!("L{LEFT} {}Z", y(length_km)));
    let mut marks: Vec<Mark> = Vec::new();
    for stop in stops {
        let at = y(stop.measure_km);
        if marks.last().is_none_or(|last| at - last.at >= LINE) {
            marks.push(Mark { at, text: short(&stop.name) });
        }
    }
    let tick = |share: f64| Mark { at: place(x(top_value * share / 100.0)), text: trimmed(top_value * share) };
    Some(DensityChart {
        width: WIDTH,
        height: y(length_km) + BOTTOM,
        left: LEFT,
        top: TOP,
        bottom: y(length_km),
        area,
        stops: marks,
        ticks: [0.0, 0.5, 1.0].map(tick).to_vec(),
    })
}

/// A number without needless decimals.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn bins(values: &[f64]) -> Vec<BinTold> {
        (0..).zip(values).map(|(n, v)| BinTold { from_km: f64::from(n) * 5.0, to_km: f64::from(n + 1) * 5.0, per_km: *v, events: 1 }).collect()
    }

    #[test]
    fn everything_stays_inside_the_drawing_and_the_axis_ends_on_a_round_number() {
        let chart = density_chart(&bins(&[0.0, 0.3, 0.07, 0.0]), &[], 20.0).unwrap();
        assert_eq!(chart.ticks.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["0", "25", "50"]);
        let numbers: Vec<f64> = chart.area.split(['M', 'L', 'Z', ' ']).filter_map(|n| n.parse().ok()).collect();
        assert!(numbers.len() >= 8, "{}", chart.area);
        assert!(numbers.iter().step_by(2).all(|x| *x >= f64::from(chart.left) && *x <= f64::from(chart.width)));
        assert!(numbers.iter().skip(1).step_by(2).all(|y| *y >= f64::from(chart.top) && *y <= f64::from(chart.bottom)));
        assert!(chart.bottom < chart.height);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(density_chart(&[], &[], 20.0).is_none() && density_chart(&bins(&[0.0, 0.0]), &[], 20.0).is_none());
    }
}
