-- Another form of it, which reads no more than a page, stands among the functions.
DROP FUNCTION IF EXISTS elements_of_process(process);
