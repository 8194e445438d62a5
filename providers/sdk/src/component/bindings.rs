//! The bindings that `wit-bindgen` generates from the WIT. This module alone may have unsafe code: it
//! passes memory between component and host.
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
