package import HummingbirdCore

extension String {
    /// What percent-encoded text means (RFC 3986, 2.1).
    /// - Returns: nil for a percent sign without its two digits, and for bytes that are no UTF-8.
    var percentDecoded: String? {
        guard contains("%") else { return self }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
                let value = UInt8(Substring(digits), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension URI {
    /// The query's names and values, in their order. As forms and most clients write it, a plus is a space
    /// (WHATWG URL, application/x-www-form-urlencoded).
    package var parameters: [(name: String, value: String)] {
        URI("/?" + (query ?? "").replacing("+", with: "%20")).queryParameters.map { (String($0.key), String($0.value)) }
    }
}
