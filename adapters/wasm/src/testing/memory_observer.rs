//! Passes the memory of each instance to a test before it is freed.
#![allow(unsafe_code, reason = "test code: wasmtime takes host memory by pointer")]

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    ptr::{self, NonNull},
    sync::{Arc, OnceLock},
};

use wasmtime::{Config, InstanceAllocationStrategy, LinearMemory, MemoryCreator, MemoryType};

type Observer = Arc<dyn Fn(&[u8]) + Send + Sync>;

static OBSERVER: OnceLock<Observer> = OnceLock::new();

/// Has `observer` called with the memories of every instance in this process when it is dropped. Must
/// be called before the first sandbox is created. `false`: an observer is set already.
pub fn observe_memories(observer: impl Fn(&[u8]) + Send + Sync + 'static) -> bool {
    OBSERVER.set(Arc::new(observer)).is_ok()
}

/// Has the engine use observed memories if an observer is set.
pub(crate) fn observe_in(config: &mut Config) {
    if let Some(observer) = OBSERVER.get() {
        // Without reservation and guard pages the machine code checks bounds, so that a memory can be
        // any heap allocation.
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

// SAFETY: `new_memory` returns zeroed memory of the requested size, and an error if a reservation or a
// guard is requested.
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
        // SAFETY: both are valid for the smaller of the two lengths, and do not overlap.
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
        // SAFETY: valid and initialised for its length; its instance has ended.
        (self.observer)(unsafe {
            std::slice::from_raw_parts(self.bytes.start.as_ptr(), self.bytes.len)
        });
    }
}

/// Zeroed bytes of the heap. Not a `Vec`, since instances write to them through a pointer.
struct Bytes {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: it owns its bytes; only wasmtime reads and writes them, and synchronises that.
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

/// Aligned for SIMD vectors.
fn layout(len: usize) -> Layout {
    Layout::array::<u128>(len.div_ceil(size_of::<u128>()).max(1)).expect("memories are < 4 GiB")
}
