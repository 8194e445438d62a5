//! What a plug-in says when it cannot go on.

use portico_domain::{identity::Claims, provider::Problem, text::clean};

use super::rules::broken;
use crate::bindings::wire;

const LONGEST_CODE: usize = 128;
const LONGEST_TEXT: usize = 600;
/// Bytes of the claims that a cloud asks for: they travel in an address.
const LONGEST_CHALLENGE: usize = 4 << 10;

pub(crate) fn problem(it: wire::Problem) -> Problem {
    let code = |text: String| clean(&text, LONGEST_CODE);
    let text = |text: String| clean(&text, LONGEST_TEXT);
    match it {
        wire::Problem::Setting((key, why)) => Problem::Setting { key: code(key), why: text(why) },
        wire::Problem::Unexpected(what) => Problem::Unexpected(text(what)),
        wire::Problem::Refused((said, help)) => {
            Problem::Refused { code: code(said), help: text(help) }
        }
        wire::Problem::Challenge(claims) => challenge(claims),
        wire::Problem::Other((said, message)) => {
            Problem::Other { code: code(said), message: text(message) }
        }
    }
}

fn challenge(claims: String) -> Problem {
    if claims.len() > LONGEST_CHALLENGE {
        return broken("the claims of its challenge have more than 4 KiB");
    }
    match Claims::parse(claims) {
        Ok(claims) => Problem::Challenge(claims.json().into()),
        Err(_) => broken("the claims of its challenge are not a JSON object"),
    }
}
