//! Plug-ins that do what a plug-in must not, each in one way.
//!
//! They sign people in with the OpenID provider in their one setting, `issuer`, as an honest one
//! would, up to the point where they do not.

mod answers;
mod at_listing;
mod at_load;
mod descriptor;
mod guest;
mod hoard;
pub(crate) mod honest;
mod keyed;
mod lies;
mod lower;
mod v1;

use self::guest::Guest as HonestGuest;

pub use self::keyed::asks_with_an_api_key;
#[cfg(test)]
pub(crate) use self::{
    answers::{asks_for_nothing, fetch, refused},
    guest::Guest,
    v1::V1Guest,
};

/// A plug-in that breaks a rule.
pub struct Hostile {
    /// Its id, and a name for its file: `loops-in-discover`.
    pub name: &'static str,
    /// The file.
    pub component: Vec<u8>,
    /// When it shows.
    pub when: When,
    /// A part of what Portico says of it; empty where no rule of the sandbox is broken, and the
    /// domain's rules are what stops it.
    pub breaks: &'static str,
}

/// When a hostile plug-in shows what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is not loaded.
    Load,
    /// It is loaded, and does not take its settings.
    Configure,
    /// A login knows who signed in, and ends where the listing begins.
    Discover,
    /// A login ends within the listing.
    Next,
}

/// Every hostile plug-in.
pub fn hostile() -> Vec<Hostile> {
    let mut all = at_load::all();
    all.extend(at_listing::all());
    all.extend(hoard::all());
    all
}

/// A plug-in of interface 1.0.0, whose people sign in at `https://login.example`.
pub fn of_interface_1() -> Vec<u8> {
    v1::V1Guest::saying(|_| v1::V1Guest::plain()).build()
}

/// A plug-in with this function, which nobody calls, beside those that it needs.
pub(crate) fn with_function(locals: usize, body: &str) -> Vec<u8> {
    let mut guest = HonestGuest::honest("bomb");
    guest.beside = format!("(func $bomb (local {}) {body})", "i32 ".repeat(locals));
    guest.build()
}

/// A plug-in of less than 200 KB of which a compiler makes gigabytes: each loop may bring another
/// value of each variable, and loops times variables are kept.
pub fn compiler_bomb() -> Vec<u8> {
    let (locals, loops) = (9_000, 20_000);
    let uses: String = (0..locals).map(|n| format!("local.get {n} drop ")).collect();
    with_function(locals, &format!("{} {uses} {}", "loop ".repeat(loops), "end ".repeat(loops)))
}

/// A plug-in that is honest but for what `change` does to it.
fn changed(
    name: &'static str,
    when: When,
    breaks: &'static str,
    change: impl FnOnce(&mut HonestGuest),
) -> Hostile {
    let mut guest = HonestGuest::honest(name);
    change(&mut guest);
    Hostile { name, component: guest.build(), when, breaks }
}
