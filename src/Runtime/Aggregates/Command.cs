using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Granary.Runtime;

/// <summary>
/// The identity of a command that may be sent again: its id, chosen by the sender, and a fingerprint of its
/// content, so that an id used for another command is an error. The default value is a command that is never a
/// repetition.
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

    /// <summary>
    /// Names a command by its id and its content: the name of the content's type, and its members as JSON. So two
    /// kinds of command are different also where their members are the same. Bytes are hashed as they are.
    /// </summary>
    /// <remarks>
    /// The name of an anonymous type is left out, because another build may give it another one. Say in its members
    /// which command it is, or use a tuple that begins with the command's name.
    /// </remarks>
    /// <typeparam name="T">The type of the content.</typeparam>
    /// <param name="id">The id; null for none, and then the content is not used.</param>
    /// <param name="content">What the command is to do.</param>
    /// <exception cref="NotSupportedException">The content cannot be written as JSON.</exception>
    public static Command Of<T>(string? id, T content)
    {
        if (id is null) return new(null, "");
        if (content is byte[] bytes) return Of(id, bytes.AsSpan());
        var type = content?.GetType() ?? typeof(T);
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes($"{NameOf(type)}\n"));
        hash.Append(JsonSerializer.SerializeToUtf8Bytes(content, type, CommandJson.Options));
        return new(id, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    // The compiler numbers anonymous types: a command that is sent again after a deployment must be the same one.
    private static string NameOf(Type type)
    {
        var name = EventTypeNames.Of(type);
        return name.Contains("<>", StringComparison.Ordinal) ? "" : name;
    }
}
