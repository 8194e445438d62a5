//! The allowed attributes of shapes, and their values.

use crate::{
    numbers::{Budget, Scanner, format, format_list, list},
    path::path,
};

/// The kind of an attribute's value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Number,
    Numbers,
    Path,
    Colour,
    Transform,
    Word(&'static [&'static str]),
}

const FILL_RULES: Kind = Kind::Word(&["nonzero", "evenodd", "inherit"]);

/// The allow-list. It has no dashes, because a long line with short dashes takes too long to render.
const ALLOWED: [(&str, Kind); 34] = [
    ("d", Kind::Path),
    ("points", Kind::Numbers),
    ("transform", Kind::Transform),
    ("x", Kind::Number),
    ("y", Kind::Number),
    ("width", Kind::Number),
    ("height", Kind::Number),
    ("rx", Kind::Number),
    ("ry", Kind::Number),
    ("r", Kind::Number),
    ("cx", Kind::Number),
    ("cy", Kind::Number),
    ("x1", Kind::Number),
    ("y1", Kind::Number),
    ("x2", Kind::Number),
    ("y2", Kind::Number),
    ("fill", Kind::Colour),
    ("stroke", Kind::Colour),
    ("color", Kind::Colour),
    ("opacity", Kind::Number),
    ("fill-opacity", Kind::Number),
    ("stroke-opacity", Kind::Number),
    ("stroke-width", Kind::Number),
    ("stroke-miterlimit", Kind::Number),
    ("fill-rule", FILL_RULES),
    ("clip-rule", FILL_RULES),
    ("stroke-linecap", Kind::Word(&["butt", "round", "square", "inherit"])),
    ("stroke-linejoin", Kind::Word(&["miter", "round", "bevel", "inherit"])),
    ("vector-effect", Kind::Word(&["none", "non-scaling-stroke"])),
    ("shape-rendering", Kind::Word(&["auto", "geometricPrecision", "crispEdges", "optimizeSpeed"])),
    ("paint-order", Kind::Word(&["normal", "fill", "stroke"])),
    ("display", Kind::Word(&["inline", "none"])),
    ("visibility", Kind::Word(&["visible", "hidden", "inherit"])),
    ("stroke-dasharray", Kind::Word(&["none"])),
];

/// The allowed attribute of this name.
pub(crate) fn kind(name: &str) -> Option<(&'static str, Kind)> {
    ALLOWED.into_iter().find(|(allowed, _)| *allowed == name)
}

/// Whether an attribute has no effect without styles, references and scripts. It is omitted then.
pub(crate) fn has_no_effect(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "id",
        "class",
        "version",
        "baseProfile",
        "role",
        "focusable",
        "tabindex",
        "enable-background",
        "pointer-events",
    ];
    NAMES.contains(&name) || name.starts_with("aria-") || name.starts_with("data-")
}

/// The value, parsed and formatted.
pub(crate) fn value(kind: Kind, text: &str, budget: &mut Budget) -> Option<String> {
    match kind {
        Kind::Number => number(text, budget),
        Kind::Numbers => {
            let numbers = list(text, budget)?;
            numbers.len().is_multiple_of(2).then(|| format_list(&numbers))
        }
        Kind::Path => path(text, budget),
        Kind::Colour => colour(text, budget),
        Kind::Transform => transform(text, budget).map(|it| it.0),
        Kind::Word(allowed) => {
            let word = allowed.iter().find(|word| **word == text.trim());
            word.map(|&word| word.to_owned())
        }
    }
}

/// A number in user units or, equivalently, in pixels.
fn number(text: &str, budget: &mut Budget) -> Option<String> {
    let mut scanner = Scanner::new(text);
    let number = scanner.number(budget)?;
    let unit = scanner.word();
    (scanner.is_empty() && matches!(unit, "" | "px")).then(|| format(number))
}

/// A colour: `#1f5fbf`, `red`, `none`, `rgb(31, 95, 191)`. Functions with references are not allowed.
fn colour(text: &str, budget: &mut Budget) -> Option<String> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix('#') {
        let is_valid =
            matches!(hex.len(), 3 | 4 | 6 | 8) && hex.bytes().all(|it| it.is_ascii_hexdigit());
        return is_valid.then(|| format!("#{hex}"));
    }
    let mut scanner = Scanner::new(text);
    let word = scanner.word();
    if scanner.is_empty() {
        return (3..=24).contains(&word.len()).then(|| word.to_owned());
    }
    let numbers = text.strip_prefix("rgb(")?.strip_suffix(')')?;
    match list(numbers, budget)?.as_slice() {
        rgb @ [_, _, _] if rgb.iter().all(|it| (0.0..=255.0).contains(it)) => {
            let [red, green, blue] = [0, 1, 2].map(|at: usize| rgb[at].round());
            Some(format!("rgb({red},{green},{blue})"))
        }
        _ => None,
    }
}

/// A list of transformations, and an upper bound of their magnification.
pub(crate) fn transform(text: &str, budget: &mut Budget) -> Option<(String, f64)> {
    let (mut scanner, mut functions, mut scale) = (Scanner::new(text), Vec::new(), 1.0);
    while !scanner.is_empty() {
        let name = scanner.word();
        scanner.white_space();
        scanner.one_of(|it| it == '(')?;
        scanner.white_space();
        let mut numbers = Vec::new();
        while scanner.one_of(|it| it == ')').is_none() {
            numbers.push(scanner.number(budget)?);
            scanner.separator();
        }
        let (name, magnification) = function(name, &numbers)?;
        scale *= magnification;
        functions.push(format!("{name}({})", format_list(&numbers)));
        scanner.separator();
    }
    is_magnification_allowed(scale).then(|| (functions.join(" "), scale))
}

/// Whether shapes may be magnified by this factor, so that coordinates stay in a reasonable range.
pub(crate) fn is_magnification_allowed(scale: f64) -> bool {
    scale <= 10_000.0
}

/// An upper bound of a function's magnification. It is at least 1, so that no function compensates
/// another.
fn function(name: &str, numbers: &[f64]) -> Option<(&'static str, f64)> {
    let largest = numbers.iter().fold(1.0_f64, |largest, it| largest.max(it.abs()));
    Some(match (name, numbers) {
        ("translate", [_] | [_, _]) => ("translate", 1.0),
        ("rotate", [_] | [_, _, _]) => ("rotate", 1.0),
        ("scale", [_] | [_, _]) => ("scale", largest),
        ("matrix", [a, b, c, d, _, _]) => {
            let rows = (a.abs() + c.abs()).max(b.abs() + d.abs());
            ("matrix", rows.max(1.0))
        }
        // The tangent has no upper bound towards 90 degrees.
        ("skewX", [angle]) if angle.abs() <= 80.0 => ("skewX", 7.0),
        ("skewY", [angle]) if angle.abs() <= 80.0 => ("skewY", 7.0),
        _ => return None,
    })
}
