import { SegmentedControl, useMantineColorScheme, VisuallyHidden, type MantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./scheme-choice.module.css";

const SUN =
  "M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1M11 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0z";
const MOON = "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z";
const CIRCLE = "M14 8a6 6 0 1 1-12 0 6 6 0 0 1 12 0z";
const HALF = "M8 2a6 6 0 0 0 0 12z";

const CHOICES = [
  { value: "auto", label: <Icon name="As the system" path={CIRCLE} filled={HALF} /> },
  { value: "light", label: <Icon name="Light" path={SUN} /> },
  { value: "dark", label: <Icon name="Dark" path={MOON} /> },
] satisfies { value: MantineColorScheme; label: ReactNode }[];

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

function Icon({ name, path, filled }: { name: string; path: string; filled?: string }) {
  return (
    <span className={styles["choice"]} title={name}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} />
        {filled !== undefined && <path d={filled} fill="currentcolor" />}
      </svg>
      <VisuallyHidden>{name}</VisuallyHidden>
    </span>
  );
}
