/// Where requests for what people name may go.
struct Destinations: Sendable {
    let allow: @Sendable (NetworkAddress) -> Bool

    static let everyonesServers = Destinations { $0.isPublic }
    /// Also machines that only this one's network reaches, and this one itself.
    static let anywhere = Destinations { _ in true }
}

/// An IP address: its 4 or 16 bytes in the network's order.
struct NetworkAddress: Sendable, Hashable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether anybody on the Internet can reach it too. The registries of IANA for special purposes, of RFC 6890, say which cannot.
    var isPublic: Bool {
        switch bytes.count {
        case 4: !Self.special4.contains { $0.contains(self) }
        case 16: isPublic6
        default: false
        }
    }

    private var isPublic6: Bool {
        // NAT64 and 6to4 lead to the IPv4 address that is in them; mapped ones are it.
        if Self.mapped.contains(self) || Self.nat64.contains(self) { return NetworkAddress(Array(bytes[12...])).isPublic }
        if Self.sixToFour.contains(self) { return NetworkAddress(Array(bytes[2..<6])).isPublic }
        // Whatever has been given to anybody is in one block. All else has a special meaning, or none yet.
        return Self.unicast6.contains(self) && !Self.special6.contains { $0.contains(self) }
    }
}

extension NetworkAddress {
    /// The addresses that begin with the same bits.
    private struct Block {
        let first: [UInt8]
        let bits: Int

        init(_ first: UInt8..., padded size: Int, bits: Int) {
            self.first = first + Array(repeating: 0, count: size - first.count)
            self.bits = bits
        }

        func contains(_ address: NetworkAddress) -> Bool {
            address.bytes.count == first.count
                && (0..<bits).allSatisfy { bit in (address.bytes[bit / 8] ^ first[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
        }
    }

    private static let special4 = [
        // This network, private, shared by carriers, this machine, the link, private.
        Block(0, padded: 4, bits: 8), Block(10, padded: 4, bits: 8), Block(100, 64, padded: 4, bits: 10), Block(127, padded: 4, bits: 8),
        Block(169, 254, padded: 4, bits: 16), Block(172, 16, padded: 4, bits: 12),
        // Assignments of IETF, documentation, the relays of 6to4, private, measurements, documentation twice.
        Block(192, 0, 0, padded: 4, bits: 24), Block(192, 0, 2, padded: 4, bits: 24), Block(192, 88, 99, padded: 4, bits: 24),
        Block(192, 168, padded: 4, bits: 16), Block(198, 18, padded: 4, bits: 15), Block(198, 51, 100, padded: 4, bits: 24),
        Block(203, 0, 113, padded: 4, bits: 24),
        // Multicast, and what is reserved, with the broadcast.
        Block(224, padded: 4, bits: 4), Block(240, padded: 4, bits: 4),
    ]
    private static let mapped = Block(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, padded: 16, bits: 96)
    private static let nat64 = Block(0, 0x64, 0xFF, 0x9B, padded: 16, bits: 96)
    private static let sixToFour = Block(0x20, 0x02, padded: 16, bits: 16)
    private static let unicast6 = Block(0x20, padded: 16, bits: 3)
    private static let special6 = [
        // Assignments of IETF with Teredo among them, documentation twice.
        Block(0x20, 0x01, padded: 16, bits: 23), Block(0x20, 0x01, 0x0D, 0xB8, padded: 16, bits: 32),
        Block(0x3F, 0xFF, padded: 16, bits: 20),
    ]
}
