//! The interface of plug-ins in its two versions, as `wasmtime` makes it of the WIT.
#![allow(missing_docs, unreachable_pub, reason = "generated; the WIT says what each is")]

/// Interface 1.0.0: `providers/wit/provider.wit`.
pub(crate) mod v1 {
    wasmtime::component::bindgen!({
        path: "../../providers/wit/provider.wit",
        world: "cloud-provider",
        exports: { default: async },
    });
}

/// Interface 0.1.0: `providers/wit/v0/provider.wit`.
pub(crate) mod v0 {
    wasmtime::component::bindgen!({
        path: "../../providers/wit/v0/provider.wit",
        world: "cloud-provider",
        exports: { default: async },
    });
}

/// The types of interface 1.0.0, which everything here speaks.
pub(crate) use self::v1::exports::portico::provider::provider as wire;
