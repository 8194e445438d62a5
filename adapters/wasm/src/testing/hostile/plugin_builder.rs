//! Builds a plug-in from WebAssembly text: an honest one, of which a test replaces parts.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::{
    descriptor, honest,
    lower::{Flat, Heap},
    return_values,
};
use crate::bindings::wire;

/// The address of the static data in a plug-in's memory.
pub(super) const BASE: usize = 1024;
const WIT: &str = include_str!("../../../../../providers/wit/provider.wit");
const INTERFACE: &str = "portico:provider/provider@2.0.0";

/// A plug-in with the descriptor of [`honest`], which lists one project. The body of each function can
/// be replaced.
pub(crate) struct PluginBuilder {
    pub(crate) descriptor: wire::Descriptor,
    pub(crate) heap: Heap,
    /// Initial memory, in pages of 64 KiB.
    pub(crate) pages: usize,
    /// Additional items of the module.
    pub(crate) items: String,
    pub(crate) start: &'static str,
    pub(crate) describe: String,
    pub(crate) create: String,
    pub(crate) discover: String,
    pub(crate) next: String,
}

impl PluginBuilder {
    pub(crate) fn honest(id: &str) -> Self {
        let mut heap = Heap::new(BASE);
        let done = return_values::done(&mut heap, 1, b"One");
        let done = heap.put(&done);
        Self {
            descriptor: honest::descriptor(id),
            heap,
            pages: 32,
            items: String::new(),
            start: "",
            describe: String::new(),
            create: "(call $configure)".into(),
            discover: "(call $begin)".into(),
            next: format!("(i32.const {done})"),
        }
    }

    /// Stores a value in the plug-in's memory and returns code that returns it.
    pub(crate) fn returning(&mut self, make: impl FnOnce(&mut Heap) -> Flat) -> String {
        let value = make(&mut self.heap);
        format!("(i32.const {})", self.heap.put(&value))
    }

    /// Stores the current descriptor, with changed bytes, and returns code that returns it.
    pub(crate) fn returning_descriptor(
        &mut self,
        change: impl FnOnce(&mut Heap, &mut Vec<u8>),
    ) -> String {
        let mut value = descriptor::descriptor(&mut self.heap, &self.descriptor);
        change(&mut self.heap, &mut value.bytes);
        format!("(i32.const {})", self.heap.put(&value))
    }

    /// The component.
    pub(crate) fn build(mut self) -> Vec<u8> {
        if self.describe.is_empty() {
            self.describe = self.returning_descriptor(|_, _| ());
        }
        let Self { start, items, describe, create, discover, next, .. } = &self;
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
              {library} {start} {memory} {items})"#,
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

/// Functions that all test plug-ins use.
pub(super) fn library() -> &'static str {
    include_str!("library.wat")
}

/// The memory with the static data, followed by the space for arguments from the host.
pub(super) fn memory(heap: &Heap, pages: usize) -> String {
    let mut data = String::with_capacity(heap.bytes.len() * 3);
    for byte in &heap.bytes {
        // Writing to a `String` cannot fail.
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

/// Encodes a core module in text format as a component of the world of `wit`.
#[allow(clippy::expect_used, reason = "constant texts of this crate")]
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
