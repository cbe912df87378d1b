import Glibc
import Testing

@testable import Server

/// Which addresses anybody can reach.
@Suite struct NetworkAddressTests {
    @Test(arguments: [
        // At both ends of each block.
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
        "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1",
        "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
        "239.255.255.255", "240.0.0.0", "255.255.255.255",
        // Unspecified, this machine, what only looks like IPv4, the link, the site, unique local, multicast.
        "::", "::1", "::7f00:1", "::8.8.8.8", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1",
        // Mapped, by NAT64, by 6to4: what is inside counts.
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2002:c0a8:101::1",
        // A NAT64 of one's own, to discard, documentation, Teredo, benchmarks, and what nobody has been given.
        "64:ff9b:1::8.8.8.8", "100::1", "2001:db8::1", "3fff::1", "2001:0:808:808::1", "2001:2::1", "4000::1", "1::1",
    ])
    func someAreForAFew(text: String) throws {
        #expect(try !address(text).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2001:200::1", "2606:4700::1111",
        "2a00:1450:4001::1", "3ffe::1",
    ])
    func othersAreForEverybody(text: String) throws {
        #expect(try address(text).isPublic)
    }

    /// Of a kind that is none of both, such as a path of a socket.
    @Test func whatIsNoAddressIsForNobody() {
        #expect(!NetworkAddress([]).isPublic)
    }

    private func address(_ text: String) throws -> NetworkAddress {
        let family = text.contains(":") ? AF_INET6 : AF_INET
        return NetworkAddress(
            try [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
                try #require(inet_pton(family, text, buffer.baseAddress) == 1)
                count = family == AF_INET ? 4 : 16
            })
    }
}
