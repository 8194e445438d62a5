//! Mutations of valid JSON bodies. Each comes with a description of the change.

use serde_json::{Value, json};

/// The most values of a document that are changed: a large document would take too long.
const MAX_POINTERS: usize = 60;
/// The most items of an array that are changed.
const MAX_ITEMS: usize = 2;

/// JSON Pointers to the values below `value`, with the first items of each array.
fn pointers(value: &Value) -> Vec<String> {
    fn walk(pointer: String, value: &Value, found: &mut Vec<String>) {
        if !pointer.is_empty() && found.len() < MAX_POINTERS {
            found.push(pointer.clone());
        }
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(format!("{pointer}/{name}"), value, found);
            }),
            Value::Array(items) => {
                for (index, item) in items.iter().take(MAX_ITEMS).enumerate() {
                    walk(format!("{pointer}/{index}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(String::new(), value, &mut found);
    found
}

/// The body without one of its members or items, for each of them.
pub(super) fn without_one(body: &Value) -> Vec<(String, String)> {
    let changed = pointers(body).into_iter().filter_map(|pointer| {
        let mut body = body.clone();
        let (parent, name) = pointer.rsplit_once('/')?;
        match body.pointer_mut(parent)? {
            Value::Object(members) => {
                members.remove(&name.replace("~1", "/").replace("~0", "~"))?;
            }
            Value::Array(items) => drop(items.remove(name.parse().ok()?)),
            _ => return None,
        }
        Some((format!("{pointer} missing"), body.to_string()))
    });
    changed.collect()
}

/// The body with a value of another type in place of one value, for each of them.
pub(super) fn of_another_type(body: &Value) -> Vec<(String, String)> {
    let values =
        [json!(null), json!(7.5), json!(-1), json!("text"), json!([]), json!({}), json!([[[]]])];
    replacing(body, |original| {
        values
            .iter()
            .filter(|it| std::mem::discriminant(*it) != std::mem::discriminant(original))
            .cloned()
            .collect()
    })
}

/// The body with each of these texts in place of one text, for each of them.
pub(super) fn with_texts(body: &Value, texts: &[&str]) -> Vec<(String, String)> {
    replacing(body, |original| match original {
        Value::String(_) => texts.iter().map(|text| json!(text)).collect(),
        _ => vec![],
    })
}

fn replacing(body: &Value, replacements: impl Fn(&Value) -> Vec<Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for pointer in pointers(body) {
        let Some(original) = body.pointer(&pointer) else { continue };
        for replacement in replacements(original) {
            let mut changed = body.clone();
            let excerpt: String = replacement.to_string().chars().take(24).collect();
            if let Some(value) = changed.pointer_mut(&pointer) {
                *value = replacement;
            }
            found.push((format!("{pointer} being {excerpt}"), changed.to_string()));
        }
    }
    found
}

/// The text truncated at several points, as a broken connection leaves it.
pub(super) fn truncated(text: &str) -> Vec<(String, String)> {
    let cuts = [1, text.len() / 3, text.len() / 2, text.len().saturating_sub(1)];
    let cuts = cuts.into_iter().filter(|cut| *cut < text.len() && text.is_char_boundary(*cut));
    cuts.map(|cut| (format!("cut off after {cut} bytes"), text[..cut].to_owned())).collect()
}

/// The body with its longest array grown to `count` items with different texts and numbers. `None` if
/// every array is empty.
pub(super) fn grown(body: &Value, count: usize) -> Option<String> {
    let all = std::iter::once(String::new()).chain(pointers(body));
    let (_, longest) = all
        .filter_map(|pointer| Some((body.pointer(&pointer)?.as_array()?.len(), pointer)))
        .max_by_key(|(length, _)| *length)
        .filter(|(length, _)| *length > 0)?;
    let mut body = body.clone();
    let items = body.pointer_mut(&longest)?.as_array_mut()?;
    let first = items.first().cloned()?;
    while items.len() < count {
        let index = items.len();
        let mut item = first.clone();
        change_texts(&mut item, &mut |text| format!("{text}-{index}"));
        change_numbers(&mut item, index);
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
