-- Images elsewhere are looked at.

-- It takes what their servers said, now.
DROP FUNCTION IF EXISTS create_image(text, text, text, integer, integer);
