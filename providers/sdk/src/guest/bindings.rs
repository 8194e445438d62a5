//! The interface as `wit-bindgen` makes it of the WIT. Memory crosses the wall in here and nowhere
//! else, which is why this module alone may be unsafe.
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    reason = "generated; the WIT says what each is"
)]

wit_bindgen::generate!({
    path: "../wit/provider.wit",
    world: "cloud-provider",
    pub_export_macro: true,
    export_macro_name: "export_component",
});

pub(crate) use self::exports::portico::provider::provider as wire;
