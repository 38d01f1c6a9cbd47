//! Choosing a loopback port that nobody uses.

use std::net::{Ipv4Addr, TcpListener};

/// A free port below the range from which the kernel takes the ports of outgoing connections.
///
/// A port of that range is a trap once its server is down: a client that keeps trying to connect is
/// given, sooner or later, the very port as its own and is then connected to itself, and the server
/// cannot come back. Where the range leaves no room, the kernel chooses.
pub(crate) fn free() -> std::io::Result<u16> {
    const LOWEST: u16 = 10_000;
    let end = first_outgoing_port();
    if end > LOWEST + 1_000 {
        for _ in 0..200 {
            let port = fastrand::u16(LOWEST..end);
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(port);
            }
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}

fn first_outgoing_port() -> u16 {
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse().ok())
        .unwrap_or(32_768)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_free_port_can_be_bound_and_is_not_an_outgoing_one() {
        let port = super::free().unwrap();
        assert!(port < super::first_outgoing_port());
        std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
}
