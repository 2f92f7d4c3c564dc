using System.Runtime.InteropServices;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>The functions of OpenSSL's libcrypto 3 that the tunnel uses, called without a wrapper around them.</summary>
internal static unsafe class LibCrypto
{
    /// <summary><c>EVP_PKEY_X25519</c>.</summary>
    public const int X25519 = 1034;

    /// <summary><c>EVP_CTRL_AEAD_GET_TAG</c>.</summary>
    public const int GetTag = 16;

    /// <summary><c>EVP_CTRL_AEAD_SET_TAG</c>.</summary>
    public const int SetTag = 17;

    private static readonly nint Library = Load();

#pragma warning disable SA1306 // Named as the native functions.
    public static readonly delegate* unmanaged<nint> EVP_CIPHER_CTX_new = (delegate* unmanaged<nint>)Symbol("EVP_CIPHER_CTX_new");
    public static readonly delegate* unmanaged<nint, void> EVP_CIPHER_CTX_free = (delegate* unmanaged<nint, void>)Symbol("EVP_CIPHER_CTX_free");
    public static readonly delegate* unmanaged<nint, int, int, void*, int> EVP_CIPHER_CTX_ctrl =
        (delegate* unmanaged<nint, int, int, void*, int>)Symbol("EVP_CIPHER_CTX_ctrl");

    public static readonly delegate* unmanaged<nint> EVP_chacha20_poly1305 = (delegate* unmanaged<nint>)Symbol("EVP_chacha20_poly1305");
    public static readonly delegate* unmanaged<nint, nint, nint, byte*, byte*, int> EVP_EncryptInit_ex =
        (delegate* unmanaged<nint, nint, nint, byte*, byte*, int>)Symbol("EVP_EncryptInit_ex");

    public static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> EVP_EncryptUpdate =
        (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)Symbol("EVP_EncryptUpdate");

    public static readonly delegate* unmanaged<nint, byte*, int*, int> EVP_EncryptFinal_ex =
        (delegate* unmanaged<nint, byte*, int*, int>)Symbol("EVP_EncryptFinal_ex");

    public static readonly delegate* unmanaged<nint, nint, nint, byte*, byte*, int> EVP_DecryptInit_ex =
        (delegate* unmanaged<nint, nint, nint, byte*, byte*, int>)Symbol("EVP_DecryptInit_ex");

    public static readonly delegate* unmanaged<nint, byte*, int*, byte*, int, int> EVP_DecryptUpdate =
        (delegate* unmanaged<nint, byte*, int*, byte*, int, int>)Symbol("EVP_DecryptUpdate");

    public static readonly delegate* unmanaged<nint, byte*, int*, int> EVP_DecryptFinal_ex =
        (delegate* unmanaged<nint, byte*, int*, int>)Symbol("EVP_DecryptFinal_ex");

    public static readonly delegate* unmanaged<int, nint, byte*, nuint, nint> EVP_PKEY_new_raw_private_key =
        (delegate* unmanaged<int, nint, byte*, nuint, nint>)Symbol("EVP_PKEY_new_raw_private_key");

    public static readonly delegate* unmanaged<int, nint, byte*, nuint, nint> EVP_PKEY_new_raw_public_key =
        (delegate* unmanaged<int, nint, byte*, nuint, nint>)Symbol("EVP_PKEY_new_raw_public_key");

    public static readonly delegate* unmanaged<nint, byte*, nuint*, int> EVP_PKEY_get_raw_public_key =
        (delegate* unmanaged<nint, byte*, nuint*, int>)Symbol("EVP_PKEY_get_raw_public_key");

    public static readonly delegate* unmanaged<nint, void> EVP_PKEY_free = (delegate* unmanaged<nint, void>)Symbol("EVP_PKEY_free");
    public static readonly delegate* unmanaged<nint, nint, nint> EVP_PKEY_CTX_new = (delegate* unmanaged<nint, nint, nint>)Symbol("EVP_PKEY_CTX_new");
    public static readonly delegate* unmanaged<nint, void> EVP_PKEY_CTX_free = (delegate* unmanaged<nint, void>)Symbol("EVP_PKEY_CTX_free");
    public static readonly delegate* unmanaged<nint, int> EVP_PKEY_derive_init = (delegate* unmanaged<nint, int>)Symbol("EVP_PKEY_derive_init");
    public static readonly delegate* unmanaged<nint, nint, int, int> EVP_PKEY_derive_set_peer_ex =
        (delegate* unmanaged<nint, nint, int, int>)Symbol("EVP_PKEY_derive_set_peer_ex");

    public static readonly delegate* unmanaged<nint, byte*, nuint*, int> EVP_PKEY_derive =
        (delegate* unmanaged<nint, byte*, nuint*, int>)Symbol("EVP_PKEY_derive");

    public static readonly delegate* unmanaged<void> ERR_clear_error = (delegate* unmanaged<void>)Symbol("ERR_clear_error");
#pragma warning restore SA1306

    private static nint Load()
    {
        foreach (var name in (string[])["libcrypto.so.3", "libcrypto.3.dylib", "libcrypto.so"])
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return library;
            }
        }

        throw new DllNotFoundException("OpenSSL 3 is missing: no libcrypto.so.3 on this system; install the package that has it (Debian: libssl3)");
    }

    private static nint Symbol(string name) => NativeLibrary.TryGetExport(Library, name, out var address)
        ? address
        : throw new EntryPointNotFoundException($"the OpenSSL of this system has no {name}: version 3.0 or newer is needed (libcrypto.so.3)");
}
