using System.Globalization;
using Granary.Contracts;

namespace Granary.Grains;

/// <summary>The movements of all accounts, each a model: those of one account are its statement.</summary>
[Projection("statements")]
internal sealed class Statements : Projection<StatementLine>
{
    public Statements()
    {
        Categories("account");
        Key<IAccountEvent>(static (_, recorded) => string.Create(
            CultureInfo.InvariantCulture,
            $"{recorded.Position.Partition.Value:D4}:{recorded.Position.Position.Value:D19}"));
        Column(line => line.Account);
        Column(line => line.At);
        Column(line => line.Amount);
        Column(line => line.Version);
    }

    public static StatementLine Create(MoneyDeposited deposited, RecordedEvent recorded) =>
        new(recorded.Stream.Key, recorded.Version.Value, deposited.Amount, recorded.Timestamp);

    public static StatementLine Create(MoneyWithdrawn withdrawn, RecordedEvent recorded) =>
        new(recorded.Stream.Key, recorded.Version.Value, -withdrawn.Amount, recorded.Timestamp);
}
