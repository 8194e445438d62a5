//! Plug-ins that each break one rule.
//!
//! Up to that point they behave like an honest one: people sign in with the OpenID provider in their
//! only setting, `issuer`.

mod api_key;
mod descriptor;
mod failing_at_load;
mod failing_later;
pub(crate) mod honest;
mod invalid_descriptors;
mod lower;
mod memory_hoarder;
mod plugin_builder;
mod return_values;
mod v1_builder;

pub use self::api_key::asks_with_an_api_key;
pub(crate) use self::plugin_builder::PluginBuilder;
#[cfg(test)]
pub(crate) use self::{
    return_values::{fetch, fetch_nothing, refused},
    v1_builder::V1PluginBuilder,
};

/// A plug-in that breaks a rule.
pub struct Hostile {
    /// Its id, also usable as a file name: `loops-in-discover`.
    pub name: &'static str,
    /// The bytes of its file.
    pub component: Vec<u8>,
    /// When it fails.
    pub when: When,
    /// A part of the expected error; empty if only the domain's rules stop it, or any error will do.
    pub breaks: &'static str,
}

/// When a hostile plug-in fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Loading fails.
    Load,
    /// Loading succeeds, configuring fails.
    Configure,
    /// `discover` fails, after the person was identified.
    Discover,
    /// `next` fails.
    Next,
}

/// Every hostile plug-in.
pub fn hostile() -> Vec<Hostile> {
    let mut all = failing_at_load::all();
    all.extend(failing_later::all());
    all.extend(memory_hoarder::all());
    all
}

/// A plug-in of interface 1.0.0; people sign in at `https://login.example`.
pub fn of_interface_1() -> Vec<u8> {
    v1_builder::V1PluginBuilder::with_sign_in(|_| v1_builder::V1PluginBuilder::plain()).build()
}

/// A plug-in with an additional function that is never called.
pub(crate) fn with_function(locals: usize, body: &str) -> Vec<u8> {
    let mut plugin = PluginBuilder::honest("bomb");
    plugin.items = format!("(func $bomb (local {}) {body})", "i32 ".repeat(locals));
    plugin.build()
}

/// A plug-in of less than 200 KB for which the compiler needs gigabytes: it stores a value per variable
/// and loop, and there are thousands of both.
pub fn compiler_bomb() -> Vec<u8> {
    let (locals, loops) = (9_000, 20_000);
    let uses: String = (0..locals).map(|n| format!("local.get {n} drop ")).collect();
    with_function(locals, &format!("{} {uses} {}", "loop ".repeat(loops), "end ".repeat(loops)))
}

/// An honest plug-in, changed by `change`.
fn changed(
    name: &'static str,
    when: When,
    breaks: &'static str,
    change: impl FnOnce(&mut PluginBuilder),
) -> Hostile {
    let mut plugin = PluginBuilder::honest(name);
    change(&mut plugin);
    Hostile { name, component: plugin.build(), when, breaks }
}
