/// Small files of pictures, written out so that no library of ours has made them.
enum Samples {
    /// A PNG of one colour, without compression, each scan line in a block of its own.
    /// - Parameters:
    ///   - claims: what the header says of the size, if that is not the truth.
    static func png(_ width: Int, _ height: Int, gray: UInt8 = 200, claims: (width: Int, height: Int)? = nil) -> [UInt8] {
        let said = claims ?? (width, height)
        let line: [UInt8] = [0] + [UInt8](repeating: gray, count: width)
        let header = big(said.width) + big(said.height) + [8, 0, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("IDAT", stored([[UInt8]](repeating: line, count: height))) + chunk("IEND", [])
    }

    /// What zlib makes without compressing.
    private static func stored(_ blocks: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = [0x78, 0x01]
        var (a, b): (UInt32, UInt32) = (1, 0)
        for (index, block) in blocks.enumerated() {
            let size = UInt16(block.count)
            bytes +=
                [index == blocks.count - 1 ? 1 : 0, UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8)] + block
            for byte in block {
                a = (a + UInt32(byte)) % 65_521
                b = (b + a) % 65_521
            }
        }
        return bytes + big(Int(b << 16 | a))
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + content
        return big(content.count) + named + big(Int(crc(named)))
    }

    private static func big(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}
