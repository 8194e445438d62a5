//! A guest in WebAssembly text: honest, but for what a test writes into it.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::{
    answers, descriptor, honest,
    lower::{Flat, Heap},
};
use crate::bindings::wire;

/// Where the answers begin in a guest's memory.
pub(super) const BASE: usize = 1024;
const WIT: &str = include_str!("../../../../../providers/wit/provider.wit");
const INTERFACE: &str = "portico:provider/provider@2.0.0";

/// A guest that signs people in with the OpenID provider of its one setting, `issuer`, and lists
/// one project; each function may be given another body.
pub(crate) struct Guest {
    pub(crate) descriptor: wire::Descriptor,
    pub(crate) heap: Heap,
    /// Pages of 64 KiB.
    pub(crate) pages: usize,
    /// What else stands in its module.
    pub(crate) beside: String,
    pub(crate) start: &'static str,
    pub(crate) describe: String,
    pub(crate) create: String,
    pub(crate) discover: String,
    pub(crate) next: String,
}

impl Guest {
    pub(crate) fn honest(id: &str) -> Self {
        let mut heap = Heap::new(BASE);
        let done = answers::done(&mut heap, 1, b"One");
        let done = heap.put(&done);
        Self {
            descriptor: honest::descriptor(id),
            heap,
            pages: 32,
            beside: String::new(),
            start: "",
            describe: String::new(),
            create: "(call $configure)".into(),
            discover: "(call $begin)".into(),
            next: format!("(i32.const {done})"),
        }
    }

    /// Puts this into the guest's memory: code that answers it.
    pub(crate) fn answer(&mut self, make: impl FnOnce(&mut Heap) -> Flat) -> String {
        let value = make(&mut self.heap);
        format!("(i32.const {})", self.heap.put(&value))
    }

    /// Puts the descriptor as it is now into the guest's memory, its bytes changed: code that
    /// answers it.
    pub(crate) fn described(&mut self, change: impl FnOnce(&mut Heap, &mut Vec<u8>)) -> String {
        let mut value = descriptor::descriptor(&mut self.heap, &self.descriptor);
        change(&mut self.heap, &mut value.bytes);
        format!("(i32.const {})", self.heap.put(&value))
    }

    /// The component.
    pub(crate) fn build(mut self) -> Vec<u8> {
        if self.describe.is_empty() {
            self.describe = self.described(|_, _| ());
        }
        let Self { start, beside, describe, create, discover, next, .. } = &self;
        let start = if start.is_empty() {
            String::new()
        } else {
            format!("(func $start {start}) (start $start)")
        };
        let person = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)";
        let text = format!(
            r#"(module {imports}
              (func (export "{INTERFACE}#describe") (result i32) {describe})
              (func (export "{INTERFACE}#[static]configured.create")
                (param i32 i32) (result i32) {create})
              (func (export "{INTERFACE}#[method]configured.discover") {person} (result i32)
                {discover})
              (func (export "{INTERFACE}#[method]discovery.next") (param i32 i32 i32) (result i32)
                {next})
              {library} {start} {memory} {beside})"#,
            imports = imports(INTERFACE),
            library = library(),
            memory = memory(&self.heap, self.pages),
        );
        encode(&text, WIT)
    }
}

pub(super) fn imports(interface: &str) -> String {
    let import = |resource: &str| {
        format!(
            r#"(import "[export]{interface}" "[resource-new]{resource}"
                 (func $new_{resource} (param i32) (result i32)))"#
        )
    };
    import("configured") + &import("discovery")
}

/// What the guests share.
pub(super) fn library() -> &'static str {
    include_str!("library.wat")
}

/// The memory, filled with the answers; what the host hands in comes after them.
pub(super) fn memory(heap: &Heap, pages: usize) -> String {
    let mut data = String::with_capacity(heap.bytes.len() * 3);
    for byte in &heap.bytes {
        // Writing to a text does not fail.
        let _ = write!(data, "\\{byte:02x}");
    }
    let end = heap.end().next_multiple_of(16);
    let pages = pages.max(end.div_ceil(1 << 16) + 1);
    format!(
        r#"(memory (export "memory") {pages})
           (global $free (mut i32) (i32.const {end}))
           (data (i32.const {BASE}) "{data}")"#
    )
}

/// The component of a core module in text, for the world of `wit`.
#[allow(clippy::expect_used, reason = "these are this crate's own texts")]
pub(super) fn encode(text: &str, wit: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).expect("the module's text is well-formed");
    let mut resolve = Resolve::default();
    let package = resolve.push_str("provider.wit", wit).expect("the interface is well-formed");
    let world = resolve.select_world(&[package], None).expect("it has a world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the world can be embedded");
    let encoder = ComponentEncoder::default().module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).expect("the module is of that world")
}
