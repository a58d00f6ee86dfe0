import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";

const CHOICES = [
  { value: "auto", label: "Auto" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] satisfies { value: MantineColorScheme; label: string }[];

/** Follows the system until the reader says otherwise; the choice is kept. */
export function SchemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label="Colour scheme"
      size="xs"
      withItemsBorders={false}
      data={CHOICES}
      value={colorScheme}
      onChange={(value) => setColorScheme(value)}
    />
  );
}
