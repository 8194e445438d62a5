//! Lays values out in a plug-in's memory as the canonical ABI does (component model, CanonicalABI.md,
//! "Storing").

/// The bytes of a value, and their alignment.
#[derive(Clone)]
pub(crate) struct Flat {
    align: usize,
    pub(crate) bytes: Vec<u8>,
}

/// The static data of a plug-in's memory.
pub(crate) struct Heap {
    base: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Heap {
    pub(crate) fn new(base: usize) -> Self {
        Self { base, bytes: vec![] }
    }

    /// The address of the next byte.
    pub(crate) fn end(&self) -> usize {
        self.base + self.bytes.len()
    }

    /// Stores a value and returns its address.
    pub(crate) fn put(&mut self, value: &Flat) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let address = self.end();
        self.bytes.extend(&value.bytes);
        address
    }

    pub(crate) fn text(&mut self, text: &str) -> Flat {
        self.raw_text(text.as_bytes())
    }

    /// A string of these bytes, which may be invalid UTF-8.
    pub(crate) fn raw_text(&mut self, text: &[u8]) -> Flat {
        let address = self.end();
        self.bytes.extend(text);
        slice([address, text.len()])
    }

    pub(crate) fn list(&mut self, values: Vec<Flat>) -> Flat {
        let count = values.len();
        let bytes = values.into_iter().flat_map(|value| value.bytes).collect();
        let address = self.put(&Flat { align: 8, bytes });
        slice([address, count])
    }

    /// A list of `values`, each lowered by `lower`.
    pub(crate) fn each<T>(&mut self, values: &[T], lower: impl Fn(&mut Self, &T) -> Flat) -> Flat {
        let values = values.iter().map(|value| lower(self, value)).collect();
        self.list(values)
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, texts: &[T]) -> Flat {
        self.each(texts, |heap, text| heap.text(text.as_ref()))
    }

    pub(crate) fn pairs(&mut self, pairs: &[(String, String)]) -> Flat {
        self.each(pairs, |heap, (name, value)| record([heap.text(name), heap.text(value)]))
    }
}

/// A pointer and a length.
pub(crate) fn slice(words: [usize; 2]) -> Flat {
    let bytes = words.iter().flat_map(|word| (*word as u32).to_le_bytes()).collect();
    Flat { align: 4, bytes }
}

/// An enum or a bool.
pub(crate) fn byte(value: u8) -> Flat {
    Flat { align: 1, bytes: vec![value] }
}

pub(crate) fn number(value: u32) -> Flat {
    Flat { align: 4, bytes: value.to_le_bytes().into() }
}

pub(crate) fn record(fields: impl IntoIterator<Item = Flat>) -> Flat {
    let mut all = Flat { align: 1, bytes: vec![] };
    for field in fields {
        all.align = all.align.max(field.align);
        all.bytes.resize(all.bytes.len().next_multiple_of(field.align), 0);
        all.bytes.extend(field.bytes);
    }
    all.bytes.resize(all.bytes.len().next_multiple_of(all.align), 0);
    all
}

/// Case `case` of a variant; the largest payload has `size` bytes and alignment 4.
pub(crate) fn variant(case: u8, payload: Option<Flat>, size: usize) -> Flat {
    let mut bytes = vec![case, 0, 0, 0];
    bytes.extend(payload.into_iter().flat_map(|payload| payload.bytes));
    bytes.resize(4 + size.next_multiple_of(4), 0);
    Flat { align: 4, bytes }
}

/// An option of a value of `size` bytes and alignment 4.
pub(crate) fn option(value: Option<Flat>, size: usize) -> Flat {
    variant(u8::from(value.is_some()), value, size)
}

/// An option of a text.
pub(crate) fn option_text(value: Option<Flat>) -> Flat {
    option(value, 8)
}

/// An empty list.
pub(crate) fn empty_list() -> Flat {
    slice([4, 0])
}
