//! The interface of plug-ins in its two versions, as `wasmtime` makes it of the WIT.
#![allow(missing_docs, unreachable_pub, reason = "generated; the WIT says what each is")]

/// Interface 2.0.0: `providers/wit/provider.wit`.
pub(crate) mod v2 {
    wasmtime::component::bindgen!({
        path: "../../providers/wit/provider.wit",
        world: "cloud-provider",
        exports: { default: async },
    });
}

/// Interface 1.0.0: `providers/wit/v1/provider.wit`.
pub(crate) mod v1 {
    wasmtime::component::bindgen!({
        path: "../../providers/wit/v1/provider.wit",
        world: "cloud-provider",
        exports: { default: async },
    });
}

/// The types of interface 2.0.0, which everything here speaks.
pub(crate) use self::v2::exports::portico::provider::provider as wire;
