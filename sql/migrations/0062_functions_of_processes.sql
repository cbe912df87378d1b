-- Other forms of these stand among the functions: one reads no more than a page of elements, one is given the whole process.
DROP FUNCTION IF EXISTS elements_of_process(process);
DROP FUNCTION IF EXISTS choice_faults(uuid, text, uuid, text, uuid, boolean);
