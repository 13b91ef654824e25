interface LogoProps {
  readonly size?: number;
}

/** The mark of Pulser: a pulse. */
export const Logo = ({ size = 24 }: LogoProps) => (
  <svg width={size} height={size} viewBox="0 0 32 32" role="img" aria-label="Pulser">
    <rect width="32" height="32" rx="8" fill="#5850ec" />
    <path
      d="M5 17h5l3-8 5 15 3.5-9 1.5 2h4"
      fill="none"
      stroke="#fff"
      strokeWidth="2.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
);
