// Brings the flags of libvips to CVips, which alone includes its headers.
