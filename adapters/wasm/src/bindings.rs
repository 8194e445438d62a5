//! Bindings of both versions of the plug-in interface, generated from the WIT by wasmtime.
#![allow(missing_docs, unreachable_pub, reason = "generated; documented in the WIT")]

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

/// The types of interface 2.0.0. Those of 1.0.0 are converted to them by [`upgrade`](crate::upgrade).
pub(crate) use self::v2::exports::portico::provider::provider as wire;
