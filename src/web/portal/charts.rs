//! Geometry of the evidence waterfall: from weights in log10 units to bars in decibans, whose shown figures add up exactly to the shown total.

/// One weight to draw.
#[derive(Debug, Clone)]
pub struct Step {
    /// Name of the field, in the page's language.
    pub label: String,
    /// What the comparison found, in words; may be empty.
    pub note: String,
    /// log10 of the likelihood ratio; positive supports.
    pub log10: f64,
}

/// A bar of the waterfall. All positions are in units of the drawing.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Name of the field.
    pub label: String,
    /// What the comparison found; may be empty.
    pub note: String,
    /// The weight in decibans with its sign.
    pub weight: String,
    /// `prior`, `plus`, `minus` or `total`; chooses colour and hatching.
    pub kind: &'static str,
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width, at least 2.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Where the weight's text is anchored.
    pub text_x: i32,
    /// Whether that text ends (true) or begins (false) there.
    pub text_left: bool,
    /// Base line of the weight.
    pub text_y: i32,
    /// Base line of the label, which stands above the bar at the left edge.
    pub label_y: i32,
    /// The thread from the former bar: its place.
    pub link_x: i32,
    /// The thread from the former bar: its upper end.
    pub link_y: i32,
}

/// A grid line with its number.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Place of the line.
    pub x: i32,
    /// Number below it, in decibans.
    pub text: String,
}

/// A drawn waterfall.
#[derive(Debug, Clone)]
pub struct Waterfall {
    /// Width of the drawing.
    pub width: i32,
    /// Height of the drawing.
    pub height: i32,
    /// Lower end of the grid.
    pub plot_bottom: i32,
    /// Place of weight zero.
    pub zero_x: i32,
    /// One sentence that says what the picture says.
    pub summary: String,
    /// Grid lines.
    pub ticks: Vec<Tick>,
    /// Bars from the prior to the total.
    pub bars: Vec<Bar>,
}

const WIDTH: i32 = 300;
/// Room at both sides for a weight written beside its bar.
const MARGIN: i32 = 54;
const ROW: i32 = 40;
const BAR: i32 = 14;
/// From the top of a row to its bar; the label stands above.
const DROP: i32 = 19;
/// Beyond this many tenths of a deciban nothing is drawn or told apart.
const LARGEST: f64 = 1.0e6;

/// Tenths of a deciban (a hundredth of log10) of every weight, so that they add up to the rounded sum: the largest remainders round up.
/// Cost: n log n.
#[must_use]
pub fn tenths(weights: &[f64]) -> Vec<i64> {
    let exact: Vec<f64> = weights.iter().map(|w| if w.is_finite() { (w * 100.0).clamp(-LARGEST, LARGEST) } else { 0.0 }).collect();
    let mut shown: Vec<i64> = exact.iter().map(|e| whole(e.floor())).collect();
    let missing = whole(exact.iter().sum::<f64>().round()) - shown.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..exact.len()).collect();
    let remainder = |i: usize| exact.get(i).map_or(0.0, |e| e - e.floor());
    order.sort_by(|a, b| remainder(*b).total_cmp(&remainder(*a)).then(a.cmp(b)));
    for i in order.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        if let Some(value) = shown.get_mut(i) {
            *value += 1;
        }
    }
    shown
}

/// The whole number a rounded, bounded float stands for.
#[expect(clippy::cast_possible_truncation, reason = "bounded by LARGEST times the number of fields")]
const fn whole(rounded: f64) -> i64 {
    rounded as i64
}

/// Writes tenths with sign and one decimal, with the typographic minus; zero has no sign.
#[must_use]
pub fn signed(tenths: i64) -> String {
    let size = tenths.unsigned_abs();
    let text = format!("{}.{}", size / 10, size % 10);
    match tenths {
        0 => text,
        1.. => format!("+{text}"),
        _ => format!("−{text}"),
    }
}

/// Lays out `prior`, then `steps` in the order given, then their total. Cost: linear in the steps.
#[must_use]
pub fn waterfall(prior: &Step, steps: &[Step], total_label: String, summary: String) -> Waterfall {
    let weights: Vec<f64> = std::iter::once(prior.log10).chain(steps.iter().map(|s| s.log10)).collect();
    let shown = tenths(&weights);
    let total: i64 = shown.iter().sum();
    let (mut low, mut high, mut level) = (0_i64, 0_i64, 0_i64);
    for weight in &shown {
        level += weight;
        low = low.min(level);
        high = high.max(level);
    }
    // The axis ends on whole tens of decibans.
    let (low, high) = (low.div_euclid(100) * 100, (high + 99).div_euclid(100) * 100);
    let high = high.max(low + 100);
    let place = |value: i64| {
        let room = i64::from(WIDTH - 2 * MARGIN);
        MARGIN + i32::try_from((value - low) * room / (high - low)).unwrap_or(0)
    };
    let mut bars: Vec<Bar> = Vec::with_capacity(steps.len() + 2);
    let mut push = |label: &str, note: &str, from: i64, to: i64, weight: i64, kind: &'static str| {
        let row = i32::try_from(bars.len()).unwrap_or(0);
        let (a, b) = (place(from.min(to)), place(from.max(to)));
        let y = row * ROW + DROP;
        let text_left = to < from;
        bars.push(Bar {
            label: label.to_owned(),
            note: note.to_owned(),
            weight: signed(weight),
            kind,
            x: a,
            y,
            width: (b - a).max(2),
            height: BAR,
            text_x: if text_left { a - 6 } else { b.max(a + 2) + 6 },
            text_left,
            text_y: y + 12,
            label_y: y - 5,
            link_x: place(if kind == "total" { to } else { from }),
            link_y: y - ROW + BAR,
        });
    };
    let first = shown.first().copied().unwrap_or(0);
    push(&prior.label, &prior.note, 0, first, first, "prior");
    let mut level = first;
    for (step, weight) in steps.iter().zip(shown.iter().skip(1)) {
        push(&step.label, &step.note, level, level + weight, *weight, if *weight < 0 { "minus" } else { "plus" });
        level += weight;
    }
    push(&total_label, "", 0, total, total, "total");
    let plot_bottom = i32::try_from(bars.len()).unwrap_or(0) * ROW;
    let every = (((high - low) / 100 + 4) / 5).max(1) * 100;
    let ticks = (low / 100..=high / 100)
        .map(|ten| ten * 100)
        .filter(|value| value.rem_euclid(every) == 0)
        .map(|value| Tick { x: place(value), text: (value / 10).to_string().replace('-', "−") })
        .collect();
    Waterfall { width: WIDTH, height: plot_bottom + 24, plot_bottom, zero_x: place(0), summary, ticks, bars }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::cast_precision_loss, clippy::as_conversions, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> i64 {
        text.replace('−', "-").replace(['+', '.'], "").parse().unwrap()
    }

    proptest! {
        #[test]
        fn the_figures_shown_add_up_exactly_to_the_total_shown_and_none_is_off_by_a_tenth(
            prior in -9.0..0.0f64,
            weights in proptest::collection::vec(-6.0..9.0f64, 0..16),
        ) {
            let step = |log10| Step { label: "x".into(), note: String::new(), log10 };
            let steps: Vec<Step> = weights.iter().map(|w| step(*w)).collect();
            let drawn = waterfall(&step(prior), &steps, "t".into(), String::new());
            let shown: Vec<i64> = drawn.bars.iter().map(|b| read(&b.weight)).collect();
            let (total, rows) = shown.split_last().unwrap();
            prop_assert_eq!(rows.iter().sum::<i64>(), *total);
            for (w, s) in std::iter::once(&prior).chain(&weights).zip(rows) {
                prop_assert!((w * 100.0 - *s as f64).abs() < 1.0);
            }
            for bar in &drawn.bars {
                prop_assert!(bar.x >= 0 && bar.x + bar.width <= drawn.width && bar.width >= 2);
            }
        }
    }

    #[test]
    fn weights_that_are_no_numbers_draw_as_nothing() {
        assert_eq!(tenths(&[f64::NAN, f64::INFINITY, 0.1]), [0, 0, 10]);
        assert_eq!((signed(0), signed(-125), signed(7)), ("0.0".to_owned(), "−12.5".to_owned(), "+0.7".to_owned()));
    }
}
