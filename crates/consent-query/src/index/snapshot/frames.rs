//! Sealed frames: each with its number and whether it is the last, bound to the head of its file.

use std::io::{self, Read, Write};

use consent_store::Vault;

/// Bytes of a frame before it is sealed.
const FRAME: usize = 4 << 20;
/// Bytes that sealing adds, at most.
const SEAL: usize = 64;

fn purpose(head: &[u8], number: u32, last: bool) -> Vec<u8> {
    [b"consent-ledger/index-snapshot\0".as_slice(), head, &number.to_le_bytes(), &[u8::from(last)]].concat()
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Seals what is written.
pub(super) struct Sealing<'a, W> {
    out: W,
    vault: &'a Vault,
    head: &'a [u8],
    number: u32,
    frame: Vec<u8>,
}

impl<'a, W: Write> Sealing<'a, W> {
    pub(super) fn new(out: W, vault: &'a Vault, head: &'a [u8]) -> Self {
        Self { out, vault, head, number: 0, frame: Vec::with_capacity(FRAME) }
    }

    fn put(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.vault.seal_outside(&self.frame, &purpose(self.head, self.number, last));
        let sealed = sealed.map_err(io::Error::other)?;
        self.out.write_all(&(sealed.len() as u32).to_le_bytes())?;
        self.out.write_all(&[u8::from(last)])?;
        self.out.write_all(&sealed)?;
        self.number += 1;
        self.frame.clear();
        Ok(())
    }

    /// Writes the last frame.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.put(true)?;
        self.out.flush()
    }
}

impl<W: Write> Write for Sealing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let some = bytes.len().min(FRAME - self.frame.len());
        self.frame.extend_from_slice(bytes.get(..some).unwrap_or_default());
        if self.frame.len() == FRAME {
            self.put(false)?;
        }
        Ok(some)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed.
pub(super) struct Opening<'a, R> {
    from: R,
    vault: &'a Vault,
    head: &'a [u8],
    number: u32,
    frame: Vec<u8>,
    at: usize,
    last: bool,
}

impl<'a, R: Read> Opening<'a, R> {
    pub(super) fn new(from: R, vault: &'a Vault, head: &'a [u8]) -> Self {
        Self { from, vault, head, number: 0, frame: Vec::new(), at: 0, last: false }
    }

    fn next(&mut self) -> io::Result<()> {
        if self.last {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut length, mut last) = ([0; 4], [0; 1]);
        self.from.read_exact(&mut length)?;
        self.from.read_exact(&mut last)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > FRAME + SEAL {
            return Err(damaged("a frame is too long"));
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed)?;
        self.last = last == [1];
        let opened = self.vault.open_outside(&sealed, &purpose(self.head, self.number, self.last));
        self.frame = opened.map_err(|_| damaged("a frame cannot be opened"))?;
        (self.number, self.at) = (self.number + 1, 0);
        Ok(())
    }

    /// Makes sure that nothing was left unread.
    pub(super) fn finish(mut self) -> io::Result<()> {
        while self.at == self.frame.len() && !self.last {
            self.next()?;
        }
        let rest = self.from.read(&mut [0])?;
        if self.at < self.frame.len() || rest > 0 { Err(damaged("there is more than belongs there")) } else { Ok(()) }
    }
}

impl<R: Read> Read for Opening<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.at == self.frame.len() {
            if self.last {
                return Ok(0);
            }
            self.next()?;
        }
        let rest = self.frame.get(self.at..).unwrap_or_default();
        let some = rest.len().min(to.len());
        to.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.at += some;
        Ok(some)
    }
}
