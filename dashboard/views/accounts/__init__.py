"""What people do to their own account: settings, two-factor, passkeys, sessions, single sign-on."""
