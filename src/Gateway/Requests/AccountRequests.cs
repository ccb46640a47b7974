namespace Granary.Gateway;

/// <summary>Opens an account.</summary>
internal sealed record OpenRequest(string Owner, string Currency, decimal OverdraftLimit = 0);

/// <summary>Closes an account.</summary>
internal sealed record CloseRequest;

/// <summary>Pays an amount in or out.</summary>
internal sealed record MoneyRequest(decimal Amount, string Currency);

/// <summary>Asks for a transfer between two accounts.</summary>
internal sealed record TransferRequest(string From, string To, decimal Amount);
