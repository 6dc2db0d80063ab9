//! What a family's samples can tell before there are remains, and whose sample would help most.

use super::genetics::geneticist;
use super::genetics_results::{per_cent, signed};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::ids::PedigreeId;
use crate::services::bank::power::{self, FamilyPower};
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/banco/familias/{id}/poder", web::get().to(show));
}

/// A bar with its words; places in units of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bar {
    label: String,
    value: String,
    label_y: i32,
    y: i32,
    width: i32,
    text_x: i32,
    text_y: i32,
}

/// Bars one below the other, from the same edge.
#[derive(Debug, Clone, Default)]
struct Bars {
    width: i32,
    height: i32,
    bar: i32,
    bars: Vec<Bar>,
}

const WIDTH: i32 = 320;
/// Room for the figure at the end of the longest bar.
const FIGURE: i32 = 84;
const ROW: i32 = 42;
const BAR: i32 = 14;

/// Lays out bars; a size is 0 to `most`, and what lies outside is drawn as the nearest of them.
fn bars(lines: &[(String, String, f64)], most: f64) -> Bars {
    let room = f64::from(WIDTH - FIGURE);
    let bar = |(n, (label, value, size)): (i32, &(String, String, f64))| {
        let share = if most > 0.0 { (size / most).clamp(0.0, 1.0) } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, reason = "at most the width of the drawing")]
        let width = ((share * room).round() as i32).max(2);
        let y = n * ROW + 19;
        Bar { label: label.clone(), value: value.clone(), label_y: y - 5, y, width, text_x: width + 6, text_y: y + 12 }
    };
    let bars: Vec<Bar> = (0..).zip(lines).map(bar).collect();
    Bars { width: WIDTH, height: i32::try_from(bars.len()).unwrap_or(0) * ROW, bar: BAR, bars }
}

/// What a family can tell of one missing person, in words and bars.
struct Told {
    who: String,
    sentences: Vec<String>,
    reaches: Bars,
    next: Bars,
    advice: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_power.html")]
struct PowerPage {
    p: Page,
    family: String,
    all: Vec<Told>,
}

fn advice(p: &Page, power: &FamilyPower) -> String {
    match power.next_donors.first() {
        None => p.t("genetics-next-nobody"),
        Some(best) if best.gain < 0.05 => p.t("genetics-next-little"),
        Some(best) => p.t2("genetics-next-best", "who", &best.individual, "gain", signed(best.gain)),
    }
}

fn told(p: &Page, power: &FamilyPower) -> Told {
    let lang = p.language;
    let expected = |key: &str, log10: f64| p.t1(key, "n", if log10.is_finite() { signed(log10) } else { "−∞".to_owned() });
    let reach = |r: &power::Reached| {
        (
            p.t1("genetics-reaches", "n", format!("{:.0}", r.log10)),
            p.t1("genetics-of-thousand", "n", format!("{:.0}", r.probability * 1000.0)),
            r.probability,
        )
    };
    let next: Vec<(String, String, f64)> = power.next_donors.iter().map(|d| (d.individual.clone(), signed(d.gain), d.gain)).collect();
    let most = next.iter().map(|n| n.2).fold(0.1, f64::max);
    Told {
        who: power.individual.clone(),
        sentences: vec![
            p.t2("genetics-exclusion", "share", per_cent(lang, power.exclusion), "n", format!("{:.1}", power.expected_exclusions)),
            expected("genetics-expected-true", power.expected_if_true),
            expected("genetics-expected-not", power.expected_if_not),
        ],
        reaches: bars(&power.reaches.iter().map(reach).collect::<Vec<_>>(), 1.0),
        next: bars(&next, most),
        advice: advice(p, power),
    }
}

async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<PedigreeId>) -> Answer {
    geneticist(&who)?;
    let (p, id) = (who.page(), id.into_inner());
    let all = power::of_pedigree(&app, who.actor(), id).await?;
    respond::page(&PowerPage { family: format!("/banco/familias/{id}"), all: all.iter().map(|f| told(&p, f)).collect(), p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_inside_the_drawing_and_their_figures_beside_them() {
        let line = |size: f64| ("x".to_owned(), "+1.00".to_owned(), size);
        let drawn = bars(&[line(3.0), line(-1.0), line(f64::NAN), line(9.0)], 3.0);
        assert_eq!(drawn.bars.iter().map(|b| b.width).collect::<Vec<_>>(), [WIDTH - FIGURE, 2, 2, WIDTH - FIGURE]);
        assert!(drawn.bars.iter().all(|b| b.text_x + 60 < drawn.width && b.y + drawn.bar <= drawn.height));
        assert_eq!(bars(&[], 0.0).height, 0);
    }
}
