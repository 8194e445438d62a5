//! Replies that are empty, worse than they should be, huge or hostile.

use portico_domain::provider::Request;
use serde_json::Value;

use super::{
    super::{
        bench::{AS_THEY_ARE, Bench},
        mutate,
        rule::Seen,
    },
    tried,
};
use crate::{
    drive::{End, Outcome},
    fixtures::reply,
};

/// The worse replies that one rule tries with one set of fixtures.
const MAX_TRIES: usize = 200;

/// Each of these as the reply to every request, and to each request alone.
pub(super) async fn every_reply(bench: &Bench<'_>, bodies: &[&str]) -> Seen {
    for body in bodies {
        let what = format!("a reply of {body:?}");
        let all = |_, _: &Request, _| reply(200, body);
        if let Some(complaint) = tried(bench, &what, &all, AS_THEY_ARE).await {
            return Seen::Bad(complaint);
        }
        for place in 0..bench.bodies().len() {
            let one = |number, _: &Request, good| {
                if number == place { reply(200, body) } else { good }
            };
            if let Some(complaint) = tried(bench, &what, &one, AS_THEY_ARE).await {
                return Seen::Bad(complaint);
            }
        }
    }
    Seen::Good(format!("{} bodies", bodies.len()))
}

/// Each reply made worse in each way, one at a time.
pub(super) async fn worse_bodies(
    bench: &Bench<'_>,
    worse: impl Fn(&Value) -> Vec<(String, String)>,
) -> Seen {
    let mut tries = 0;
    for (place, body) in bench.bodies().iter().enumerate() {
        let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
        for (what, worse) in worse(&body) {
            if tries == MAX_TRIES {
                break;
            }
            tries += 1;
            let what = format!("a reply with {what}");
            if let Some(complaint) = with_body(bench, &what, place, &worse).await {
                return Seen::Bad(complaint);
            }
        }
    }
    if tries == 0 {
        return Seen::Nothing(format!("{} holds no reply to make worse", bench.fixtures.name));
    }
    Seen::Good(format!("{tries} worse replies"))
}

async fn with_body(bench: &Bench<'_>, what: &str, place: usize, body: &str) -> Option<String> {
    let change = |number, _: &Request, good: Outcome| {
        if number != place {
            return good;
        }
        good.map(|mut good| {
            body.clone_into(&mut good.body);
            good
        })
    };
    tried(bench, what, &change, AS_THEY_ARE).await
}

pub(super) async fn huge(bench: &Bench<'_>) -> Seen {
    // The host reads no more than 1 MiB.
    let megabyte = "x".repeat((1 << 20) - (16 << 10));
    let bodies = [
        megabyte.clone(),
        format!("[{}0]", "0,".repeat((1 << 19) - 2)),
        format!("{{\"a\":\"{megabyte}\"}}"),
    ];
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    // What is said of it would be as long as the body.
    if let Seen::Bad(why) = every_reply(bench, &bodies).await {
        let why = why.rsplit(": ").next().unwrap_or_default();
        return Seen::Bad(format!("a reply of 1 MiB: {why}"));
    }
    match worse_bodies(bench, |body| mutate::with_texts(body, &[&megabyte])).await {
        Seen::Nothing(_) => Seen::Good("bodies of 1 MiB".into()),
        seen => seen,
    }
}

pub(super) async fn ten_thousand(bench: &Bench<'_>) -> Seen {
    let mut tries = 0;
    for (place, body) in bench.bodies().iter().enumerate() {
        let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
        let Some(grown) = mutate::grown(&body, 10_000 - others(bench)) else { continue };
        tries += 1;
        let complaint = with_body(bench, "a reply of 10,000 entries", place, &grown).await;
        if let Some(complaint) = complaint {
            return Seen::Bad(complaint);
        }
    }
    match tries {
        0 => Seen::Nothing(format!("{} holds no reply with a list", bench.fixtures.name)),
        _ => Seen::Good(format!("{tries} replies of 10,000 entries")),
    }
}

/// What the plain listing has already: the host takes 10,000 in all.
fn others(bench: &Bench<'_>) -> usize {
    match &bench.plain.end {
        End::Done(listing) => listing.subscriptions.len().min(5_000),
        End::Failed(_) => 0,
    }
}

pub(super) async fn hostile(bench: &Bench<'_>) -> Seen {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let members = "{\"a\":".repeat(50_000) + "1" + &"}".repeat(50_000);
    if let Seen::Bad(why) = every_reply(bench, &[&deep, &members]).await {
        let why = why.rsplit(": ").next().unwrap_or_default();
        return Seen::Bad(format!("a reply nested 50,000 deep: {why}"));
    }
    let texts = [
        "\u{0}\u{7}\u{1b}[31m",
        "a\r\nSet-Cookie: a=b",
        "<script>alert(1)</script>",
        "\u{202e}\u{200b}",
        "",
        " ",
        "../../x",
        "{{7*7}}",
        "%00",
        "'; --",
    ];
    match worse_bodies(bench, |body| mutate::with_texts(body, &texts)).await {
        Seen::Nothing(_) => Seen::Good("replies nested deep".into()),
        seen => seen,
    }
}
