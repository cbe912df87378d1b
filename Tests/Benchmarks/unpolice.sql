-- Takes away the policies that hide what was deleted; those that keep tenants apart stay.
DO $$
DECLARE given record;
BEGIN
  FOR given IN SELECT tablename FROM pg_policies WHERE policyname = 'not_hidden' LOOP
    EXECUTE format('DROP POLICY not_hidden ON %I', given.tablename);
  END LOOP;
END $$;
