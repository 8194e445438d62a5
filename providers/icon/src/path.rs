//! Parses and formats path data (SVG 2 section 9.3).

use crate::numbers::{Budget, Scanner, format};

/// The number of arguments of a command. The fourth and fifth of an arc are flags.
fn arguments(command: char) -> Option<usize> {
    Some(match command.to_ascii_uppercase() {
        'M' | 'L' | 'T' => 2,
        'H' | 'V' => 1,
        'C' => 6,
        'S' | 'Q' => 4,
        'A' => 7,
        'Z' => 0,
        _ => return None,
    })
}

/// The formatted path; `None` if it is invalid or beyond the limits.
pub(crate) fn path(text: &str, budget: &mut Budget) -> Option<String> {
    let (mut scanner, mut written) = (Scanner::new(text), String::with_capacity(text.len()));
    while !scanner.is_empty() {
        let command = scanner.one_of(|it| arguments(it).is_some())?;
        if written.is_empty() && !matches!(command, 'M' | 'm') {
            return None;
        }
        scanner.white_space();
        written.push(command);
        let count = arguments(command)?;
        if count == 0 {
            budget.spend()?;
            continue;
        }
        // A command may have several sets of arguments.
        loop {
            argument_set(&mut scanner, command, count, budget, &mut written)?;
            scanner.separator();
            if scanner.is_empty() || scanner.at_letter() {
                break;
            }
            written.push(' ');
        }
    }
    Some(written)
}

fn argument_set(
    scanner: &mut Scanner,
    command: char,
    count: usize,
    budget: &mut Budget,
    written: &mut String,
) -> Option<()> {
    for index in 0..count {
        if index > 0 {
            scanner.separator();
            written.push(' ');
        }
        let is_flag = command.eq_ignore_ascii_case(&'A') && matches!(index, 3 | 4);
        if is_flag {
            written.push(scanner.one_of(|it| matches!(it, '0' | '1'))?);
        } else {
            written.push_str(&format(scanner.number(budget)?));
        }
    }
    Some(())
}
