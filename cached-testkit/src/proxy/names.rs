//! The names of the Redis commands in a stream of bytes that arrives in pieces.
//!
//! It checks no more than it needs; a stream that is not an array of bulk strings is given up.
//! Protocol: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

/// Longer than any command's name.
const LONGEST_NAME: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Names {
    state: State,
    /// Bulk strings of the command that are still to come.
    remaining: u64,
    is_first: bool,
    number: u64,
    name: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    /// At a `*`.
    #[default]
    Command,
    /// In the number after a `*`.
    Count,
    /// At a `$`.
    Argument,
    /// In the number after a `$`.
    Length,
    /// So many bytes before the end of a bulk string, its line break included.
    Bytes(u64),
    /// Not the Redis protocol.
    GivenUp,
}

impl Names {
    /// Takes the next piece; the names, in capitals, that it completes.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        let mut rest = piece;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            self.state = match (self.state, byte) {
                (State::Command, b'*') => {
                    self.number = 0;
                    State::Count
                }
                (State::Argument, b'$') => {
                    self.number = 0;
                    State::Length
                }
                (state @ (State::Count | State::Length), b'0'..=b'9') => {
                    self.number = self.number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                    state
                }
                (state @ (State::Count | State::Length), b'\r') => state,
                (State::Count, b'\n') => {
                    self.remaining = self.number;
                    self.is_first = true;
                    if self.remaining == 0 { State::Command } else { State::Argument }
                }
                (State::Length, b'\n') => State::Bytes(self.number.saturating_add(2)),
                (State::Bytes(left), _) => {
                    // All of the bulk string that is in this piece, at once.
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len() + 1);
                    self.take_bytes(
                        &piece[piece.len() - rest.len() - 1..][..here],
                        left,
                        &mut names,
                    );
                    rest = &rest[here - 1..];
                    self.after_bytes(left - here as u64)
                }
                _ => State::GivenUp,
            };
            if matches!(self.state, State::GivenUp) {
                break;
            }
        }
        names
    }

    fn take_bytes(&mut self, bytes: &[u8], left: u64, names: &mut Vec<String>) {
        if !self.is_first {
            return;
        }
        let room = LONGEST_NAME.saturating_sub(self.name.len());
        self.name.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() as u64 == left {
            let name = String::from_utf8_lossy(&self.name);
            names.push(name.trim_end().to_ascii_uppercase());
            self.name.clear();
            self.is_first = false;
        }
    }

    fn after_bytes(&mut self, left: u64) -> State {
        if left > 0 {
            return State::Bytes(left);
        }
        self.remaining -= 1;
        if self.remaining == 0 { State::Command } else { State::Argument }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    const PIPELINE: &[u8] =
        b"*2\r\n$3\r\nget\r\n$4\r\n*1\r\n\r\n*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$0\r\n\r\n$1\r\nv\r\n";

    #[test]
    fn names_of_a_pipeline() {
        assert_eq!(Names::default().feed(PIPELINE), ["GET", "PING", "SET"]);
    }

    #[test]
    fn names_whatever_the_pieces() {
        for size in 1..PIPELINE.len() {
            let mut names = Names::default();
            let all: Vec<String> = PIPELINE.chunks(size).flat_map(|c| names.feed(c)).collect();
            assert_eq!(all, ["GET", "PING", "SET"], "in pieces of {size}");
        }
    }

    #[test]
    fn another_protocol_is_given_up() {
        let mut names = Names::default();
        assert!(names.feed(b"GET / HTTP/1.1\r\n").is_empty());
        assert!(names.feed(PIPELINE).is_empty());
    }
}
