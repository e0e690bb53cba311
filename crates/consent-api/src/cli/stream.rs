//! An export as it comes, in pieces of any size, checked line by line.

use consent_core::checkpoint::Verifier;
use consent_core::export::{ExportCheck, ExportFault, ExportSummary};

/// Bytes of a line at most. An entry is far smaller; without a limit a stray file would fill the memory.
const LINE: usize = 16 * 1024 * 1024;

/// Checks an export under way.
#[derive(Default)]
pub(super) struct Stream {
    check: ExportCheck,
    rest: Vec<u8>,
}

impl Stream {
    /// Takes the next piece.
    pub(super) fn feed(&mut self, mut piece: &[u8]) -> Result<(), ExportFault> {
        while let Some(end) = piece.iter().position(|&byte| byte == b'\n') {
            self.rest.extend_from_slice(&piece[..end]);
            piece = &piece[end + 1..];
            let line = std::mem::take(&mut self.rest);
            self.line(&line)?;
        }
        self.rest.extend_from_slice(piece);
        if self.rest.len() > LINE { Err(fault("a line is too long: this is no export")) } else { Ok(()) }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), ExportFault> {
        let text = std::str::from_utf8(line).map_err(|_| fault("a line is not text: this is no export"))?;
        self.check.line(text)
    }

    /// Checks the whole.
    pub(super) fn finish(mut self, verifier: Option<&Verifier>) -> Result<ExportSummary, ExportFault> {
        let last = std::mem::take(&mut self.rest);
        if !last.is_empty() {
            self.line(&last)?;
        }
        self.check.finish(verifier)
    }
}

fn fault(what: &str) -> ExportFault {
    ExportFault { place: "file".to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_size_give_the_same_verdict() {
        let text = b"{\"seq\":0}\nnonsense";
        for size in 1..text.len() {
            let mut stream = Stream::default();
            let fault = text.chunks(size).try_for_each(|piece| stream.feed(piece)).unwrap_err();
            assert_eq!(fault.to_string(), "line 1: is neither an entry nor a manifest", "{size}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_export_is_noticed() {
        assert_eq!(Stream::default().finish(None).unwrap_err().place, "manifest");
        assert!(Stream::default().feed(b"\xff\n").is_err());
        assert!(Stream::default().feed(&vec![b'a'; LINE + 1]).is_err());
    }
}
