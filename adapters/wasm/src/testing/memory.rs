//! Every memory that a guest ever had, handed to a test before it is freed.
#![allow(unsafe_code, reason = "wasmtime takes memory from a host by pointer; in tests alone")]

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    ptr::{self, NonNull},
    sync::{Arc, OnceLock},
};

use wasmtime::{Config, InstanceAllocationStrategy, LinearMemory, MemoryCreator, MemoryType};

type Observer = Arc<dyn Fn(&[u8]) + Send + Sync>;

static OBSERVER: OnceLock<Observer> = OnceLock::new();

/// Shows `observer` the memories of every instance in this process, each when it ends. It must be
/// called before the first sandbox is made, and once; says whether it was the first.
pub fn observe_memories(observer: impl Fn(&[u8]) + Send + Sync + 'static) -> bool {
    OBSERVER.set(Arc::new(observer)).is_ok()
}

/// Lets the observer, where there is one, see what the engine's guests leave behind.
pub(crate) fn keep_memories(config: &mut Config) {
    if let Some(observer) = OBSERVER.get() {
        // No reservation and no guard: the machine code checks each access instead, so that a
        // memory may be any piece of the heap.
        config
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .with_host_memory(Arc::new(Creator(Arc::clone(observer))))
            .memory_reservation(0)
            .memory_guard_size(0)
            .memory_reservation_for_growth(0)
            .memory_may_move(true)
            .memory_init_cow(false);
    }
}

struct Creator(Observer);

// SAFETY: what `new_memory` gives is zeroed and has the size asked for; no reservation and no guard
// is promised, and where one is asked for it refuses.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _type: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard != 0 || reserved.is_some_and(|bytes| bytes > minimum) {
            return Err("an observed memory has neither guard nor reservation".into());
        }
        Ok(Box::new(Observed { bytes: Bytes::zeroed(minimum), observer: Arc::clone(&self.0) }))
    }
}

struct Observed {
    bytes: Bytes,
    observer: Observer,
}

// SAFETY: `as_ptr` is valid for `byte_size` bytes until the memory grows or is dropped.
unsafe impl LinearMemory for Observed {
    fn byte_size(&self) -> usize {
        self.bytes.len
    }

    fn byte_capacity(&self) -> usize {
        self.bytes.len
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        let grown = Bytes::zeroed(new_size);
        // SAFETY: both are valid for the old length, which is no more than the new one: wasmtime
        // only ever grows a memory. They do not overlap.
        unsafe {
            ptr::copy_nonoverlapping(
                self.bytes.start.as_ptr(),
                grown.start.as_ptr(),
                self.bytes.len.min(new_size),
            )
        };
        self.bytes = grown;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.bytes.start.as_ptr()
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        // SAFETY: valid and initialised for its length; no guest runs in it any more.
        (self.observer)(unsafe {
            std::slice::from_raw_parts(self.bytes.start.as_ptr(), self.bytes.len)
        });
    }
}

/// Zeroed bytes of the heap. Not a `Vec`: guests write to them through a pointer.
struct Bytes {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: it owns its bytes; whoever reads or writes them is wasmtime, which sees to the order.
unsafe impl Send for Bytes {}
// SAFETY: as above.
unsafe impl Sync for Bytes {}

impl Bytes {
    fn zeroed(len: usize) -> Self {
        let layout = layout(len);
        // SAFETY: the layout has at least one byte.
        let start = unsafe { alloc_zeroed(layout) };
        let start = NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout));
        Self { start, len }
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and freed once.
        unsafe { dealloc(self.start.as_ptr(), layout(self.len)) };
    }
}

/// Aligned as vectors want it.
fn layout(len: usize) -> Layout {
    Layout::array::<u128>(len.div_ceil(size_of::<u128>()).max(1)).expect("memories are < 4 GiB")
}
