//! Replies made worse, from replies that are good.

use serde_json::{Value, json};

/// The places of one document that are changed, so that a large one does not take for ever.
const MAX_PLACES: usize = 60;
/// The items of an array that are changed.
const MAX_ITEMS: usize = 2;

/// The places below `value`, as JSON Pointers; the first items stand for a whole array.
pub(super) fn places(value: &Value) -> Vec<String> {
    fn walk(at: String, value: &Value, found: &mut Vec<String>) {
        if !at.is_empty() && found.len() < MAX_PLACES {
            found.push(at.clone());
        }
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(format!("{at}/{name}"), value, found);
            }),
            Value::Array(items) => {
                for (number, item) in items.iter().take(MAX_ITEMS).enumerate() {
                    walk(format!("{at}/{number}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(String::new(), value, &mut found);
    found
}

/// The body without each of its members and items, one at a time.
pub(super) fn without_one(body: &Value) -> Vec<(String, String)> {
    let changed = places(body).into_iter().filter_map(|at| {
        let mut body = body.clone();
        let (parent, name) = at.rsplit_once('/')?;
        match body.pointer_mut(parent)? {
            Value::Object(members) => {
                members.remove(&name.replace("~1", "/").replace("~0", "~"))?;
            }
            Value::Array(items) => drop(items.remove(name.parse().ok()?)),
            _ => return None,
        }
        Some((format!("{at} missing"), body.to_string()))
    });
    changed.collect()
}

/// The body with something of another type at each place.
pub(super) fn of_another_type(body: &Value) -> Vec<(String, String)> {
    let odd =
        [json!(null), json!(7.5), json!(-1), json!("text"), json!([]), json!({}), json!([[[]]])];
    each_place(body, |it| {
        odd.iter()
            .filter(|odd| std::mem::discriminant(*odd) != std::mem::discriminant(it))
            .cloned()
            .collect()
    })
}

/// The body with these texts in place of each text.
pub(super) fn with_texts(body: &Value, texts: &[&str]) -> Vec<(String, String)> {
    each_place(body, |it| match it {
        Value::String(_) => texts.iter().map(|text| json!(text)).collect(),
        _ => vec![],
    })
}

fn each_place(body: &Value, odd: impl Fn(&Value) -> Vec<Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for at in places(body) {
        let Some(good) = body.pointer(&at) else { continue };
        for odd in odd(good) {
            let mut changed = body.clone();
            let shown: String = odd.to_string().chars().take(24).collect();
            if let Some(place) = changed.pointer_mut(&at) {
                *place = odd;
            }
            found.push((format!("{at} being {shown}"), changed.to_string()));
        }
    }
    found
}

/// The text cut off at a few places, as a broken connection leaves it.
pub(super) fn truncated(text: &str) -> Vec<(String, String)> {
    let cuts = [1, text.len() / 3, text.len() / 2, text.len().saturating_sub(1)];
    let cuts = cuts.into_iter().filter(|cut| *cut < text.len() && text.is_char_boundary(*cut));
    cuts.map(|cut| (format!("cut off after {cut} bytes"), text[..cut].to_owned())).collect()
}

/// The body with its longest array grown to `count` entries, their texts made different; `None`
/// where it has no array with something in it.
pub(super) fn grown(body: &Value, count: usize) -> Option<String> {
    let arrays = std::iter::once(String::new()).chain(places(body));
    let longest = arrays
        .filter_map(|at| Some((body.pointer(&at)?.as_array()?.len(), at)))
        .max_by_key(|(length, _)| *length)
        .filter(|(length, _)| *length > 0)?;
    let mut body = body.clone();
    let items = body.pointer_mut(&longest.1)?.as_array_mut()?;
    let first = items.first().cloned()?;
    while items.len() < count {
        let number = items.len();
        let mut item = first.clone();
        change_texts(&mut item, &mut |text| format!("{text}-{number}"));
        change_numbers(&mut item, number);
        items.push(item);
    }
    Some(body.to_string())
}

/// Changes every text within `value`.
pub(super) fn change_texts(value: &mut Value, change: &mut dyn FnMut(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| change_texts(item, change)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| change_texts(member, change));
        }
        _ => {}
    }
}

fn change_numbers(value: &mut Value, by: usize) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = number.as_u64() {
                *value = json!(whole.wrapping_add(by as u64));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| change_numbers(item, by)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| change_numbers(member, by));
        }
        _ => {}
    }
}
