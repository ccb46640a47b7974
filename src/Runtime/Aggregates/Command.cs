using System.IO.Hashing;

namespace Granary.Runtime;

/// <summary>
/// The identity of a command that may be sent again: its id, chosen by the sender, and a fingerprint of what it asks
/// for, so that an id used for something else is noticed. The default value is a command that is never a repetition.
/// </summary>
/// <param name="Id">The id, at most 200 characters; null for none.</param>
/// <param name="Fingerprint">A hash of the command's content.</param>
public readonly record struct Command(string? Id, string Fingerprint)
{
    /// <summary>The greatest length of an id, in characters.</summary>
    public const int IdLengthMax = 200;

    /// <summary>Names a command by its id and the bytes of its content.</summary>
    public static Command Of(string? id, ReadOnlySpan<byte> content) =>
        new(id, id is null ? "" : Convert.ToHexStringLower(XxHash128.Hash(content)));
}
